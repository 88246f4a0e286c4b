import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

let written = 0;

/**
 * Replaces a file so that everyone sees either the old or the new content, whole, also after a crash: a temporary file
 * of its own in the same folder, private from its first moment, is written, flushed and renamed.
 * @param mode permissions of the new file; private to this user when not given.
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

/** The rename itself is durable only once its folder is flushed; file systems that cannot do it are left to their ways. */
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
