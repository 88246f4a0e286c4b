import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { UsageError } from "../core/errors";
import { fileFault } from "../core/file-reader";
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

export interface UploadWishes {
  readonly files: readonly string[];
  readonly key?: string | undefined;
  readonly recursive: boolean;
}

/**
 * What is to be uploaded and to which key: prefix + name, or the whole `--key`. Everything that can be wrong with the
 * command is found here, before anything is sent; a single file that cannot be read is not: others go on.
 * @throws {UsageError} with all faults.
 */
export async function planUpload(prefix: string, { files, key, recursive }: UploadWishes): Promise<UploadRoot[]> {
  if (key !== undefined && files.length > 1) {
    throw new UsageError("--key names the place of one file, and there are several", {
      remedy: "Upload them one by one, or without --key",
    });
  }
  const faults: string[] = [];
  const roots = await Promise.all(
    files.map(async (path): Promise<UploadRoot | undefined> => {
      const found = path === "-" ? undefined : await look(path);
      const kind = kindOf(path, found);
      if (kind === "folder" && !recursive) faults.push(`${printable(path)} is a folder: give --recursive to upload it`);
      if (kind === "stream" && key === undefined) faults.push(`${name(path)} has no name of its own: give --key`);
      const whole = key ?? prefix + basename(resolve(path));
      const fault = kind === "folder" ? folderFault(prefix, whole) : keyFault(prefix, whole, "new");
      if (fault !== undefined) faults.push(fault);
      const placed = kind === "folder" && !whole.endsWith("/") ? `${whole}/` : whole;
      return { kind, path, key: placed, ...(kind === "file" && found ? { size: found.size } : {}) };
    }),
  );
  const planned = roots.filter((root) => root !== undefined);
  faults.push(...sameKeys(planned));
  if (faults.length > 0) throw new UsageError([...new Set(faults)].join("\n"), { remedy: keyRemedy(prefix) });
  return planned;
}

/** A file that is not there is a fault of that file alone, told when its turn comes. */
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
