import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildClient } from "../../../build/client";
import { madeOnce } from "../../support/shared-bundle";

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** The client as its users have it: one file, run by Node.js in a process of its own. */
export class BuiltClient {
  readonly folder = mkdtempSync(join(tmpdir(), "oidc-s3-client-"));
  readonly #running = new Set<ChildProcess>();
  file = "";

  async build(): Promise<this> {
    const make = async () => readFileSync(await buildClient(this.folder));
    this.file = join(this.folder, "oidc-s3.cjs");
    writeFileSync(this.file, await madeOnce("oidc-s3.cjs", make), { mode: 0o755 });
    return this;
  }

  /** Starts it with this environment and no other, save PATH. */
  start(args: readonly string[], env: NodeJS.ProcessEnv, options: SpawnOptions = {}): Running {
    return this.startProgram(process.execPath, [this.file, ...args], env, options);
  }

  startProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv, options: SpawnOptions = {}): Running {
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...options,
    });
    this.#running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk;
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        this.#running.delete(child);
        resolve({ code, signal, stdout, stderr });
      });
    });
    return { child, ended, stdout: () => stdout, stderr: () => stderr };
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv, options: SpawnOptions = {}): Promise<Ended> {
    return this.start(args, env, options).ended;
  }

  /** Ends what still runs and removes the folder. */
  async remove(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Waits until `condition` gives something, for ten seconds at most where no other limit is given. */
export async function until<T>(condition: () => T | undefined | false, what: string, limitMs = 10_000): Promise<T> {
  for (const end = Date.now() + limitMs; Date.now() < end; ) {
    const result = condition();
    if (result !== undefined && result !== false) return result;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`waited in vain for ${what}`);
}
