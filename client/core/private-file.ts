import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";

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
