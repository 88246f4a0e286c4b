import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What has been started and must be ended, in the opposite order. */
export class Endings {
  private readonly endings: (() => unknown)[] = [];
  private ended: Promise<void> = Promise.resolve();

  add(end: () => unknown): void {
    this.endings.push(end);
  }

  /**
   * Ends everything that was added since the last time: a start that is interrupted may still add something before it
   * notices. Whatever fails to end keeps nothing else from ending.
   */
  run(): Promise<void> {
    this.ended = this.ended.then(() => this.endAll());
    return this.ended;
  }

  private async endAll(): Promise<void> {
    for (let end = this.endings.pop(); end !== undefined; end = this.endings.pop()) {
      try {
        await end();
      } catch {
        // There is nobody to tell, and the next one must be ended too.
      }
    }
  }
}

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
