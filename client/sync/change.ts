import { open, stat } from "node:fs/promises";
import { Crc32 } from "@aws-sdk/checksums/crc";
import { fileFault, readRange } from "../core/files";
import { CRC32, crcToBase64 } from "../transfer/checksums";
import type { Recorded } from "./state";

/** What tells whether a file has changed, without reading it. */
export interface Signature {
  readonly size: number;
  /** In nanoseconds. */
  readonly mtime: string;
  /** Another one where a file was put in the place of this one. */
  readonly inode: string;
}

/** Times of files are this coarse on the file systems that have the coarsest (FAT), in milliseconds. */
const COARSEST_MTIME_MS = 2_000;

/** @returns undefined where the file is gone by now. @throws {LocalError} where it cannot be looked at. */
export async function signatureOf(path: string): Promise<Signature | undefined> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return { size: Number(size), mtime: String(mtimeNs), inode: String(ino) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileFault(error, path);
  }
}

export function isSame(a: Signature, b: Signature): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.inode === b.inode;
}

/**
 * What becomes of a file: `unchanged` by its size and time, or, where the time is another, `touched` by its content.
 * The content is compared by size and CRC-32, which is what S3 has checked.
 */
export async function changeOf(
  path: string,
  { size, mtime }: Signature,
  recorded: Recorded | undefined,
): Promise<"new" | "changed" | "unchanged" | "touched"> {
  if (recorded === undefined) return "new";
  if (size !== recorded.size) return "changed";
  if (mtime === recorded.mtime) return "unchanged";
  return (await crc32OfFile(path, size)) === recorded.crc32 ? "touched" : "changed";
}

/**
 * The record of a file that was uploaded. A file that was changed just before it was looked at could be changed once
 * more within the same tick of its time: then its time says nothing, and its content is compared next time.
 * @param lookedAt epoch milliseconds
 */
export function recordOf({ size, mtime }: Signature, crc32: string, lookedAt: number): Recorded {
  const settled = lookedAt - Number(BigInt(mtime) / 1_000_000n) > COARSEST_MTIME_MS;
  return { size, mtime: settled ? mtime : "", crc32 };
}

async function crc32OfFile(path: string, size: number): Promise<string | undefined> {
  const file = await open(path, "r").catch((error) => {
    throw fileFault(error, path);
  });
  try {
    const check = new Crc32();
    for await (const piece of readRange(file, { start: 0, size }, path)) check.update(piece);
    return crcToBase64(CRC32, BigInt(check.digestSync()));
  } finally {
    await file.close();
  }
}
