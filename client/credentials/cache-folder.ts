import { chmodSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { isOwnFolder, makeFolder } from "../core/files";

/** Leftovers of processes that were killed in the middle of something are removed after this time. */
const LEFTOVER_AFTER_MS = 10 * 60_000;
/** What is cached lives a day at most. */
const EXPIRED_AFTER_MS = 48 * 3600_000;
/** What stands in the folder by another name was not put there by this program. */
const CACHE_FILE = /^\.?[0-9a-f]{40}\./;

/** Makes the folder ready, private to this user; returns why it cannot be used where it cannot. */
export function prepareCacheFolder(path: string | undefined): string | undefined {
  if (path === undefined) return "this user has no home and no cache folder";
  try {
    if (!existsSync(path)) {
      // root with another user's HOME, as sudo leaves it, must not leave files that the user can no longer change.
      if (process.getuid?.() === 0 && statSync(firstExisting(path)).uid !== 0)
        return `${path} would be in another user's home`;
      makeFolder(path);
    }
    if (statSync(path).uid === process.getuid?.()) chmodSync(path, 0o700);
    if (!isOwnFolder(path)) return `${path} is not a folder of this user alone`;
    return undefined;
  } catch (error) {
    return `${path} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

/** Removes what killed processes left behind, and what expired long ago. */
export function sweepCacheFolder(path: string, now = Date.now()): void {
  for (const name of readdirSync(path).filter((entry) => CACHE_FILE.test(entry))) {
    const age = now - modifiedAt(join(path, name));
    if (age > (name.endsWith(".json") ? EXPIRED_AFTER_MS : LEFTOVER_AFTER_MS))
      rmSync(join(path, name), { force: true });
  }
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function firstExisting(path: string): string {
  return existsSync(path) ? path : firstExisting(dirname(path));
}
