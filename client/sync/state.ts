import { createHash } from "node:crypto";
import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { LocalError } from "../core/errors";
import { fileFault, makeFolder, readPrivateFile, writeFileAtomically } from "../core/files";
import { foreignWriterInto } from "../core/writers";
import { type Lock, tryLock } from "../credentials/lock";
import { ownFolder } from "../settings/folders";
import type { Environment } from "../settings/settings-sources";

/** What a state belongs to: another folder, bucket or key has one of its own. */
export interface SyncIdentity {
  /** Without symbolic links. */
  readonly folder: string;
  /** Where S3 is. */
  readonly endpoint: string;
  readonly bucket: string;
  /** What all keys start with. */
  readonly key: string;
}

/** A file as it was when it was uploaded. */
export interface Recorded {
  readonly size: number;
  /** In nanoseconds; empty where a change right afterwards could have left it as it was. */
  readonly mtime: string;
  /** Of the object, as S3 has checked it. */
  readonly crc32: string;
}

const VERSION = 1;
/** Nothing but the holder's end frees it: a sync may last for days. */
const NEVER_HUNG_MS = Number.POSITIVE_INFINITY;

/** Where states are kept, unless another folder is named. */
export function stateDirectory(env: Environment): string | undefined {
  const own = ownFolder(env, "state");
  return own === undefined ? undefined : join(own, "sync");
}

/**
 * What has been uploaded, in a file of lines: a head, then a line of JSON for each upload, the last of a key counts. A
 * line is added once S3 has the object, so whatever ends this process, at worst something is uploaded again: a line
 * that is not whole, and what stands behind it, does not count. One process at a time has it.
 */
export class SyncState {
  readonly #entries = new Map<string, Recorded>();
  #lines = 0;
  #descriptor: number | undefined;

  private constructor(
    readonly path: string,
    private readonly head: string,
    private readonly lock: Lock,
  ) {}

  /**
   * Reads the state, or begins one.
   * @throws {LocalError} where another process has it, and where it cannot be kept there.
   */
  static open(directory: string | undefined, identity: SyncIdentity): SyncState {
    if (directory === undefined) {
      throw new LocalError("this user has no home to keep the state in", "state_unusable", {
        remedy: "Name a folder for it: --state-dir",
      });
    }
    const name = createHash("sha256")
      .update(JSON.stringify(Object.values(identity)))
      .digest("hex")
      .slice(0, 40);
    const path = join(directory, `${name}.jsonl`);
    let lock: Lock | undefined;
    try {
      const writer = foreignWriterInto(directory);
      if (writer) {
        throw new LocalError(`the state is not kept in ${directory}: ${writer.fault}`, "state_unusable", {
          remedy: `${writer.remedy}, or name another folder: --state-dir`,
        });
      }
      makeFolder(directory);
      lock = tryLock(`${path}.lock`, NEVER_HUNG_MS);
    } catch (error) {
      throw fileFault(error, directory);
    }
    if (lock === undefined) {
      throw new LocalError(`another sync of ${identity.folder} is running`, "sync_running", {
        remedy: `Wait for its end; where it ran on another machine or in a container that is gone, remove ${path}.lock`,
      });
    }
    const state = new SyncState(path, JSON.stringify({ version: VERSION, ...identity }), lock);
    try {
      state.#read(directory, `${name}.jsonl`);
      return state;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get(key: string): Recorded | undefined {
    return this.#entries.get(key);
  }

  /** @throws {LocalError} where it cannot be written: what is uploaded next would be uploaded again and again. */
  record(key: string, { size, mtime, crc32 }: Recorded): void {
    this.#entries.set(key, { size, mtime, crc32 });
    const line = Buffer.from(`${lineOf(key, { size, mtime, crc32 })}\n`);
    try {
      this.#descriptor ??= openSync(this.path, "a", 0o600);
      for (let offset = 0; offset < line.length; ) offset += writeSync(this.#descriptor, line, offset);
      this.#lines++;
    } catch (error) {
      throw unwritable(error, this.path);
    }
  }

  /** After a whole walk: what is gone from the folder is forgotten, and each key has one line. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const key of this.#entries.keys()) if (!keys.has(key)) this.#entries.delete(key);
    if (this.#lines !== this.#entries.size) this.#rewrite();
  }

  close(): void {
    this.#end();
    this.lock.release();
  }

  #read(directory: string, name: string): void {
    const [head, ...lines] = (readPrivateFile(directory, name) ?? "").split("\n");
    let whole = head === this.head;
    if (whole) {
      // Behind the last line end there is nothing, or what was not written to its end.
      whole = lines.pop() === "";
      for (const line of lines) {
        const entry = parsed(line);
        if (entry === undefined) {
          whole = false;
          break;
        }
        this.#entries.set(...entry);
        this.#lines++;
      }
    }
    if (!whole) this.#rewrite();
  }

  #rewrite(): void {
    this.#end();
    const lines = [...this.#entries].map(([key, recorded]) => lineOf(key, recorded));
    try {
      writeFileAtomically(this.path, `${[this.head, ...lines].join("\n")}\n`);
    } catch (error) {
      throw unwritable(error, this.path);
    }
    this.#lines = this.#entries.size;
  }

  #end(): void {
    if (this.#descriptor === undefined) return;
    try {
      fsyncSync(this.#descriptor);
    } finally {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }
}

function unwritable(error: unknown, path: string): LocalError {
  const { message, remedy } = fileFault(error, path);
  return new LocalError(`the state cannot be written: ${message}`, "state_unwritable", {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function lineOf(key: string, { size, mtime, crc32 }: Recorded): string {
  return JSON.stringify([key, size, mtime, crc32]);
}

function parsed(line: string): [string, Recorded] | undefined {
  try {
    const [key, size, mtime, crc32] = JSON.parse(line) as unknown[];
    return typeof key === "string" && typeof size === "number" && typeof mtime === "string" && typeof crc32 === "string"
      ? [key, { size, mtime, crc32 }]
      : undefined;
  } catch {
    return undefined;
  }
}
