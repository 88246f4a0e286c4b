import { closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { FleetError } from "./change";

/** A file that nobody else can read, which appears whole or not at all, and never in the place of another. */
export class HandoverFile {
  private readonly temporary: string;
  private readonly descriptor: number;

  /** Proves that the file can be made, before there is something to be lost. @throws {FleetError} where it cannot. */
  constructor(readonly path: string) {
    if (existsSync(path)) throw taken(path);
    this.temporary = join(dirname(path), `.${basename(path)}.${process.pid}.partial`);
    try {
      this.descriptor = openSync(this.temporary, "wx", 0o600);
    } catch (error) {
      throw new FleetError(`${path} cannot be written: ${(error as Error).message}`);
    }
  }

  /** @throws {FleetError} where somebody else has made such a file meanwhile; the error of node:fs otherwise. */
  write(text: string): void {
    const bytes = Buffer.from(text, "utf8");
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(this.descriptor, bytes, offset);
    fsyncSync(this.descriptor);
    try {
      // A rename would replace what is there.
      linkSync(this.temporary, this.path);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === "EEXIST" ? taken(this.path) : error;
    }
  }

  /** Leaves nothing but the file itself, if it was written. */
  close(): void {
    closeSync(this.descriptor);
    rmSync(this.temporary, { force: true });
  }
}

function taken(path: string): FleetError {
  return new FleetError(`${path} is there already, and is left as it is: name another file`);
}
