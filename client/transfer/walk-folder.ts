import type { Dir, Dirent } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type ClientError, LocalError } from "../core/errors";
import { fileFault } from "../core/file-reader";
import { keyFault } from "./keys";

export type FoundEntry =
  | { readonly kind: "file"; readonly path: string; readonly key: string }
  /** Left out by intention; the reason is told. */
  | { readonly kind: "skipped"; readonly path: string; readonly reason: string }
  | { readonly kind: "fault"; readonly path: string; readonly error: ClientError };

export interface WalkOptions {
  readonly prefix: string;
  /** Without it links are left out: one may lead anywhere, to files that were never meant to leave the machine. */
  readonly followSymlinks: boolean;
}

/** All files below a folder, found while others are sent: a tree of millions needs no memory. */
export async function* walkFolder(
  path: string,
  key: string,
  options: WalkOptions,
  above: readonly string[] = [],
): AsyncGenerator<FoundEntry> {
  let folder: Dir;
  let real: string;
  try {
    real = await realpath(path);
    folder = await opendir(path);
  } catch (error) {
    yield { kind: "fault", path, error: fileFault(error, path) };
    return;
  }
  if (above.includes(real)) {
    await folder.close();
    yield { kind: "skipped", path, reason: "the link leads back to a folder above it" };
    return;
  }
  for await (const entry of folder) {
    const child = { path: join(path, entry.name), key: key + entry.name };
    // Node.js shows bytes that are not UTF-8 by this character, and could not open the file by such a name.
    const fault = entry.name.includes("\ufffd")
      ? "the name is not valid UTF-8, which S3 wants"
      : keyFault(options.prefix, child.key, "new");
    if (fault) {
      const error = new LocalError(`${child.path}: ${fault}`, "bad_name", { remedy: "Rename it" });
      yield { kind: "fault", path: child.path, error };
    } else if (entry.isSymbolicLink() && !options.followSymlinks) {
      yield { kind: "skipped", path: child.path, reason: "it is a symbolic link (--follow-symlinks follows them)" };
    } else {
      yield* visit(entry, child, options, [...above, real]);
    }
  }
}

async function* visit(
  entry: Dirent,
  { path, key }: { readonly path: string; readonly key: string },
  options: WalkOptions,
  above: readonly string[],
): AsyncGenerator<FoundEntry> {
  let what: Pick<Dirent, "isDirectory" | "isFile"> = entry;
  if (entry.isSymbolicLink()) {
    try {
      what = await stat(path);
    } catch (error) {
      yield { kind: "fault", path, error: fileFault(error, path) };
      return;
    }
  }
  if (what.isDirectory()) yield* walkFolder(path, `${key}/`, options, above);
  else if (what.isFile()) yield { kind: "file", path, key };
  else yield { kind: "skipped", path, reason: "it is a pipe, a socket or a device" };
}
