import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** As the kernel has it for one path. */
const MOST_LINKS = 40;

/** What lets others change a file. */
export interface ForeignWriter {
  readonly fault: string;
  readonly remedy: string;
}

/**
 * Who else than root and this user could change a file: by writing to it, or by exchanging it, a folder above it or a
 * symbolic link on the way. Undefined where nobody could.
 * @param status of the file as it was opened.
 */
export function foreignWriter(path: string, status: Stats): ForeignWriter | undefined {
  return writerOf(path, status) ?? foreignWriterAbove(path);
}

/** As {@link foreignWriter}, of the folders and links that lead to the path, whatever stands there. */
export function foreignWriterAbove(path: string): ForeignWriter | undefined {
  return writerOnTheWay(resolve(path), { last: true, links: 0 });
}

/**
 * As {@link foreignWriter}, of a folder that files are put into, whether it is there yet or not. A sticky one is no
 * better than another: others can be there first.
 */
export function foreignWriterInto(path: string): ForeignWriter | undefined {
  const status = statSync(path, { throwIfNoEntry: false });
  return (status && writerOf(path, status, { sticky: false })) ?? foreignWriterAbove(path);
}

function writerOnTheWay(path: string, { last, links }: { last: boolean; links: number }): ForeignWriter | undefined {
  if (links > MOST_LINKS) return { fault: `${path} is reached over a loop of symbolic links`, remedy: "correct them" };
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

function writerOf(path: string, status: Stats, { sticky } = { sticky: true }): ForeignWriter | undefined {
  // /dev/null is everybody's, and stays empty.
  if (status.isCharacterDevice()) return undefined;
  if (!isTrusted(status.uid)) return belongsToOther(path, status.uid);
  // In a sticky folder such as /tmp nobody can exchange what belongs to somebody else.
  if (sticky && status.isDirectory() && status.mode & 0o1000) return undefined;
  const remedy = `chmod go-w ${path}`;
  if (status.mode & 0o002) return { fault: `${path} can be written by every user of this machine`, remedy };
  if (status.mode & 0o020) return { fault: `${path} can be written by its group (gid ${status.gid})`, remedy };
  return undefined;
}

function isTrusted(uid: number): boolean {
  return uid === 0 || uid === process.getuid?.();
}

function belongsToOther(path: string, uid: number): ForeignWriter {
  return {
    fault: `${path} belongs to another user (uid ${uid}), who could change it`,
    remedy: `chown it to ${process.getuid?.() === 0 ? "root" : "root or this user"}`,
  };
}
