import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, resolve } from "node:path";

/** As the kernel has it for one path. */
const MOST_LINKS = 40;

/**
 * Who else than root and this user could change a file: by writing to it, or by exchanging it, a folder above it or a
 * symbolic link on the way. Undefined where nobody could; else one sentence, with the remedy.
 * @param status of the file as it was opened.
 */
export function foreignWriter(path: string, status: Stats): string | undefined {
  return writerOf(path, status) ?? foreignWriterAbove(path);
}

/** As {@link foreignWriter}, of the folders and links that lead to the path, whatever stands there. */
export function foreignWriterAbove(path: string): string | undefined {
  return writerOnTheWay(resolve(path), { last: true, links: 0 });
}

function writerOnTheWay(path: string, { last, links }: { last: boolean; links: number }): string | undefined {
  if (links > MOST_LINKS) return `${path} is reached over a loop of symbolic links`;
  const above = dirname(path);
  const fault = above === path ? undefined : writerOnTheWay(above, { last: false, links });
  if (fault !== undefined) return fault;
  const status = lstatSync(path, { throwIfNoEntry: false });
  // Nothing there yet; or something open without a path, such as a pipe under /dev/fd.
  if (status === undefined) return undefined;
  if (!status.isSymbolicLink()) return last ? undefined : writerOf(path, status);
  // Nobody writes to a link, but its owner can exchange it.
  if (!isTrusted(status.uid)) return belongsToOther(path, status.uid);
  return writerOnTheWay(resolve(above, readlinkSync(path)), { last, links: links + 1 });
}

function writerOf(path: string, status: Stats): string | undefined {
  // /dev/null is everybody's, and stays empty.
  if (status.isCharacterDevice()) return undefined;
  if (!isTrusted(status.uid)) return belongsToOther(path, status.uid);
  // In a sticky folder such as /tmp nobody can exchange what belongs to somebody else.
  if (status.isDirectory() && status.mode & 0o1000) return undefined;
  if (status.mode & 0o002) return `${path} can be written by every user of this machine: chmod go-w ${path}`;
  if (status.mode & 0o020) return `${path} can be written by its group (gid ${status.gid}): chmod g-w ${path}`;
  return undefined;
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}

function belongsToOther(path: string, uid: number): string {
  const own = process.getuid?.() === 0 ? "root" : "root or this user";
  return `${path} belongs to another user (uid ${uid}), who could change it: chown it to ${own}`;
}
