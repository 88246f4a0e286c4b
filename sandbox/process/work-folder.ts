import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NAME = /^oidc-s3-sandbox-(\d+)-/;

/** Makes a folder that only this user can read, named after this process. */
export async function createWorkFolder(): Promise<string> {
  await sweepAbandoned();
  return mkdtemp(join(tmpdir(), `oidc-s3-sandbox-${process.pid}-`));
}

/** Runs that were killed could not remove their folders: the next run does, for those whose process is gone. */
async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(NAME.exec(name)?.[1] ?? 0);
    if (owner === 0 || isAlive(owner)) continue;
    // It may belong to another user: then it is theirs to remove.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
