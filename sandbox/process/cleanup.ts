import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What was started and must be ended again, the last one first. */
export class CleanupStack {
  private readonly steps: (() => unknown)[] = [];
  private done: Promise<void> = Promise.resolve();

  add(step: () => unknown): void {
    this.steps.push(step);
  }

  /**
   * Runs every step added since the last time: an interrupted start may still add one before it notices. A step that
   * fails does not keep the others from running.
   */
  run(): Promise<void> {
    this.done = this.done.then(() => this.runAll());
    return this.done;
  }

  private async runAll(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch {
        // Nobody is left to report it to, and the next step must still run.
      }
    }
  }
}

/** A run's folder carries the process id of its run. */
const NAME = /^oidc-s3-sandbox-(\d+)-/;

/** Makes a folder for one run that only this user can read. */
export async function createWorkFolder(): Promise<string> {
  await sweepAbandoned();
  return mkdtemp(join(tmpdir(), `oidc-s3-sandbox-${process.pid}-`));
}

/** A run that was killed could not remove its folder: the next run does, once the process is gone. */
async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(NAME.exec(name)?.[1] ?? 0);
    if (owner === 0 || isAlive(owner)) continue;
    // It may belong to another user, who will remove it.
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
