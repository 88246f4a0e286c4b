import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { LocalError } from "./errors";
import { foreignWriterAbove } from "./writers";

let written = 0;

/**
 * Replaces a file so that everyone sees either the old or the new content, whole, also after a crash: a temporary file
 * of its own in the same folder, private from its first moment, is written, flushed and renamed.
 * @param mode permissions of the new file; private to this user by default.
 * @throws the error of node:fs; the old file is then as it was.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array, mode = 0o600): void {
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${process.pid}.${Date.now().toString(36)}.${written++}.tmp`,
  );
  const descriptor = openSync(temporary, "wx", 0o600);
  try {
    try {
      if (mode !== 0o600) fchmodSync(descriptor, mode);
      const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
      for (let offset = 0; offset < bytes.length; ) offset += writeSync(descriptor, bytes, offset);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/** The rename itself is durable only once its folder is flushed; file systems that cannot do so are left alone. */
function flushFolder(path: string): void {
  try {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {}
}

/**
 * Makes a folder with those above it, private to this user. Without `recursive: true`, with which Node.js 20 retries for ever where
 * a file system that takes no folders, such as /proc, answers ENOENT.
 * @throws the error of node:fs.
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path), mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // Another process was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/**
 * What a file of the cache holds; undefined where it is not there, or is not this user's alone: credentials that
 * somebody else may have put there would send this server's files to somebody else's bucket.
 */
export function readPrivateFile(folder: string, name: string): string | undefined {
  let descriptor: number | undefined;
  try {
    if (!isOwnFolder(folder)) return undefined;
    descriptor = openSync(`${folder}/${name}`, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { mode, uid } = fstatSync(descriptor);
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) return undefined;
    return readFileSync(descriptor, "utf8");
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Whether it is a folder of this user that nobody else may write to. */
export function isOwnFolder(path: string): boolean {
  const status = lstatSync(path);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o022) === 0;
}

/**
 * root with another user's HOME or XDG_RUNTIME_DIR, as sudo may leave it, would write wherever a link of theirs leads.
 * @throws {LocalError} where this is root, and others decide where the path leads.
 */
export function requirePlaceOfRoot(path: string): void {
  const writer = process.getuid?.() === 0 ? foreignWriterAbove(path) : undefined;
  if (writer === undefined) return;
  throw new LocalError(
    `${path} is not changed as root, since others decide where it leads: ${writer.fault}`,
    "not_own_file",
    {
      remedy: "Run this as the user whose file it is (sudo -u USER), or with root's own home (sudo -H)",
    },
  );
}

/** Fills the buffer from a position of the file. @throws {LocalError} where the file ends before. */
export async function readExactly(file: FileHandle, buffer: Buffer, position: number, path: string): Promise<void> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file
      .read(buffer, filled, buffer.length - filled, position + filled)
      .catch((error: unknown) => {
        throw fileFault(error, path);
      });
    if (bytesRead === 0) {
      throw new LocalError(`${path} became shorter while it was read`, "file_changed", {
        remedy: "Upload it again once nothing writes to it",
      });
    }
    filled += bytesRead;
  }
}

const CHUNK = 256 * 1024;

/** A range of the file in small pieces. */
export async function* readRange(
  file: FileHandle,
  range: { readonly start: number; readonly size: number },
  path: string,
): AsyncGenerator<Buffer> {
  for (let read = 0; read < range.size; read += CHUNK) {
    const piece = Buffer.allocUnsafeSlow(Math.min(CHUNK, range.size - read));
    await readExactly(file, piece, range.start + read, path);
    yield piece;
  }
}

/** The cause of a failure to open, read or write, in words. */
export function fileFault(error: unknown, path: string): LocalError {
  if (error instanceof LocalError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const [says, remedy] = FILE_FAULTS.get(code ?? "") ?? [message, undefined];
  return new LocalError(`${path}: ${says}`, `file_${(code ?? "error").toLowerCase()}`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const FILE_FAULTS: ReadonlyMap<string, readonly [says: string, remedy?: string]> = new Map(
  Object.entries({
    ENOENT: ["there is no such file or folder"],
    EACCES: ["this user may not open it", "Check the permissions of the file and of the folders above it."],
    EPERM: ["this is not permitted"],
    EISDIR: ["it is a folder"],
    ENOTDIR: ["a part of the path is not a folder"],
    ENOSPC: ["the disk is full", "Free some space, or name another folder."],
    EDQUOT: ["the user's disk quota is used up"],
    EROFS: ["the file system is read-only"],
    ELOOP: ["its symbolic links form a loop"],
    EMFILE: ["too many files are open", "Raise the limit (ulimit -n)."],
    EIO: ["the disk failed to read or write it"],
    EPIPE: ["its reader has closed it"],
    ENAMETOOLONG: ["the name is too long for this file system"],
  }),
);
