import type { Dir, Dirent, Stats } from "node:fs";
import { opendir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type ClientError, LocalError, UsageError } from "../core/errors";
import { fileFault } from "../core/files";
import { printable } from "../core/terminal";
import { keyFault, keyRemedy } from "./keys";

export type UploadKind = "file" | "folder" | "stream";

/** One FILE of the command line. */
export interface UploadRoot {
  readonly kind: UploadKind;
  /** "-" is the standard input. */
  readonly path: string;
  /** Of a folder: what the keys of all files in it start with, with its "/". */
  readonly key: string;
  /** Bytes of a file. */
  readonly size?: number;
}

export interface UploadRequest {
  readonly files: readonly string[];
  readonly key?: string | undefined;
  readonly recursive: boolean;
}

/**
 * What is to be uploaded and to which key: prefix + name, or the whole `--key`. Everything that can be wrong with the
 * command is found here, before anything is sent; a single file that cannot be read is not: others go on.
 * @throws {UsageError} with all faults.
 */
export async function planUpload(prefix: string, { files, key, recursive }: UploadRequest): Promise<UploadRoot[]> {
  if (key !== undefined && files.length > 1) {
    throw new UsageError("--key names the place of one file, and there are several", {
      remedy: "Upload them one by one, or without --key",
    });
  }
  const faults: Fault[] = [];
  const whole = keyRemedy(prefix);
  const roots = await Promise.all(
    files.map(async (path): Promise<UploadRoot> => {
      const found = path === "-" ? undefined : await look(path);
      const kind = kindOf(path, found);
      const base = key ?? prefix + basename(resolve(path));
      const fault = kind === "folder" ? folderFault(prefix, base) : keyFault(prefix, base, "new");
      if (kind === "folder" && !recursive) faults.push({ fault: `${name(path)} is a folder`, remedy: RECURSIVE });
      else if (kind === "stream" && key === undefined) {
        faults.push({ fault: `${name(path)} has no name of its own`, remedy: `Give it one: --key ${prefix}NAME` });
      } else if (fault !== undefined) faults.push({ fault, remedy: whole });
      const placed = kind === "folder" && !base.endsWith("/") ? `${base}/` : base;
      return { kind, path, key: placed, ...(kind === "file" && found ? { size: found.size } : {}) };
    }),
  );
  faults.push(...sameKeys(roots).map((fault) => ({ fault, remedy: "Upload them one by one, each with its --key" })));
  if (faults.length > 0) {
    const distinct = (texts: readonly string[]) => [...new Set(texts)].join("\n");
    throw new UsageError(distinct(faults.map(({ fault }) => fault)), {
      remedy: distinct(faults.map(({ remedy }) => remedy)),
    });
  }
  return roots;
}

interface Fault {
  readonly fault: string;
  readonly remedy: string;
}

const RECURSIVE = "Give --recursive, which uploads a folder with all that is below it";

/** A file that is not there is a fault of that file alone, reported when its turn comes. */
async function look(path: string): Promise<Stats | undefined> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === "stat") return undefined;
    throw fileFault(error, path);
  });
}

function kindOf(path: string, found: Stats | undefined): UploadKind {
  if (path === "-") return "stream";
  if (found === undefined || found.isFile()) return "file";
  return found.isDirectory() ? "folder" : "stream";
}

/** The folder's own key only has to be a good beginning; the prefix itself is one. */
function folderFault(prefix: string, key: string): string | undefined {
  return keyFault(prefix, `${key}${key.endsWith("/") ? "" : "/"}x`, "new");
}

function sameKeys(roots: readonly UploadRoot[]): string[] {
  const seen = new Map<string, string>();
  return roots.flatMap(({ key, path }) => {
    const other = seen.get(key);
    seen.set(key, path);
    return other === undefined
      ? []
      : [`${printable(other)} and ${printable(path)} would both become ${printable(key)}`];
  });
}

function name(path: string): string {
  return path === "-" ? "the standard input" : printable(path);
}

export type FoundEntry =
  | { readonly kind: "file"; readonly path: string; readonly key: string }
  /** Left out on purpose, for this reason. */
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
