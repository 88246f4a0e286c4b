import type { FileHandle } from "node:fs/promises";
import { LocalError } from "./errors";

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
  const [says, remedy] = FILE_FAULTS[code ?? ""] ?? [message, undefined];
  return new LocalError(`${path}: ${says}`, `file_${(code ?? "error").toLowerCase()}`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

const FILE_FAULTS: Readonly<Record<string, readonly [says: string, remedy?: string]>> = {
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
};
