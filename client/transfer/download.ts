import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Writable } from "node:stream";
import { UsageError } from "../core/errors";
import { fileFault } from "../core/files";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { downloadObject } from "./download-object";
import type { Received, Sink } from "./download-segment";
import { requireKeys } from "./keys";
import type { PartSizes } from "./limits";
import { formatBytes, type Output, Progress, type Terminal } from "./report";
import { s3Fault } from "./s3-errors";
import { openTransfer } from "./transfer";

export interface DownloadOptions {
  readonly key: string;
  readonly destination?: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly stdout: Writable;
  readonly sizes?: PartSizes;
}

/** The command `download`. */
export async function download(settings: Settings, options: DownloadOptions, output: Output): Promise<void> {
  const { key, signal } = options;
  if (settings.prefix !== "") requireKeys(settings.prefix, [key], "existing");
  const target = await chooseTarget(key, options.destination);
  let progress: Progress | undefined;
  const transfer = await openTransfer(settings, {
    scope: "read",
    signal,
    report: output.say,
    onBytes: (bytes) => progress?.addBytes(bytes),
    ...(options.sizes ? { sizes: options.sizes } : {}),
  });
  requireKeys(transfer.prefix, [key], "existing");
  progress = new Progress(options.terminal);
  let received: Received;
  try {
    const fill = (sink: Parameters<typeof downloadObject>[2]) => downloadObject(transfer, key, sink);
    received =
      target.kind === "file" ? await intoFile(target.path, fill) : await intoStream(target.path, fill, options.stdout);
  } catch (error) {
    throw s3Fault(signal.aborted ? signal.reason : error, `to fetch ${printable(key)}`, transfer.endpoint);
  } finally {
    progress.end();
    transfer.s3.destroy();
  }
  // The standard output is the object's own then.
  if (target.path === "-") return;
  const { size, etag, versionId, check } = received;
  const { bucket } = transfer;
  if (options.json) {
    const checked = check?.algorithm ?? null;
    output.print(JSON.stringify({ bucket, key, file: target.path, size, etag, version_id: versionId, checked }));
  } else {
    const unchecked = check ? "" : ", not compared: S3 holds no check of it";
    output.print(
      `downloaded s3://${bucket}/${printable(key)} to ${printable(target.path)} (${formatBytes(size)}${unchecked})`,
    );
  }
}

/** Where a download goes: a pipe, or a file that is there only once it is whole. */
export type Target =
  | { readonly kind: "stream"; readonly path: string }
  | { readonly kind: "file"; readonly path: string };

/** DEST as on the command line: "-", a folder, a file or nothing, which is the key's last part in this folder. */
export async function chooseTarget(key: string, destination: string | undefined): Promise<Target> {
  if (destination === "-") return { kind: "stream", path: "-" };
  const path = destination ?? ".";
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw fileFault(error, path);
  });
  if (found?.isDirectory()) return { kind: "file", path: join(path, localName(key)) };
  if (found !== undefined && !found.isFile()) return { kind: "stream", path };
  if (found === undefined && path.endsWith("/")) {
    throw new UsageError(`there is no folder ${printable(path)}`, { remedy: "Make it first, or name a file" });
  }
  return { kind: "file", path };
}

/** A key may end in anything; a file in a folder must not be the folder itself or one above it. */
function localName(key: string): string {
  const name = key.slice(key.lastIndexOf("/") + 1);
  if (name === "") {
    throw new UsageError(`the key ${printable(key)} names a folder`, {
      remedy: `For all that is below it: oidc-s3 download --recursive ${printable(key)}; for an object of that very name, name the file: DEST`,
    });
  }
  if (name === "." || name === ".." || name.includes("\0")) {
    throw new UsageError(`the key ${printable(key)} does not end in a name for a file`, {
      remedy: "Name the file: DEST",
    });
  }
  return name;
}

/** Writes a file beside its place and moves it there once `fill` is through; whatever fails, nothing is left. */
export async function intoFile<T>(path: string, fill: (sink: Sink) => Promise<T>): Promise<T> {
  const temporary = join(dirname(path), `.oidc-s3-${randomBytes(6).toString("hex")}.part`);
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, "wx");
    const result = await fill(fileSink(file, path));
    await file.datasync();
    await file.close();
    await rename(temporary, path);
    return result;
  } catch (error) {
    if (file !== undefined) {
      await file.close().catch(() => {});
      await rm(temporary, { force: true });
    }
    throw isSystemError(error) ? fileFault(error, path) : error;
  }
}

function fileSink(file: FileHandle, path: string): Sink {
  return {
    anyOrder: true,
    async write(bytes, position) {
      try {
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
        }
      } catch (error) {
        throw fileFault(error, path);
      }
    },
  };
}

function isSystemError(error: unknown): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException;
  return ["open", "rename", "close", "fdatasync", "unlink"].includes(syscall ?? "") && code !== undefined;
}

/** Writes to the standard output, a pipe or a device, in order and no faster than it is read. */
export async function intoStream<T>(path: string, fill: (sink: Sink) => Promise<T>, stdout: Writable): Promise<T> {
  const stream = path === "-" ? stdout : createWriteStream(path);
  let broken: Error | undefined;
  const remember = (error: Error): void => {
    broken = error;
  };
  stream.on("error", remember);
  try {
    const result = await fill({
      anyOrder: false,
      write: (bytes) =>
        new Promise((resolve, reject) => {
          if (broken) reject(fileFault(broken, path));
          else stream.write(bytes, (error) => (error ? reject(fileFault(error, path)) : resolve()));
        }),
    });
    if (path !== "-") await new Promise<void>((resolve) => stream.end(resolve));
    return result;
  } finally {
    stream.off("error", remember);
  }
}
