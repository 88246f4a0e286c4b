import { spawn } from "node:child_process";
import { resolve as resolvePath } from "node:path";

/**
 * Synthesises one environment into the folder that `cdktf` uses too, so that providers are installed once. It runs the
 * app itself: the `cdktf` command would remove the folders of all other stacks.
 * @returns the folder.
 * @throws {Error} with the app's own message where it refuses the configuration.
 */
export async function synthesise(project: string, environment: string, env: NodeJS.ProcessEnv): Promise<string> {
  const output = resolvePath(project, env.CDKTF_OUTDIR || "cdktf.out");
  const { status, stdout, stderr } = await runProgram(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: project,
    env: { ...env, CDKTF_OUTDIR: output, OIDC_S3_ENVIRONMENTS: environment },
  });
  if (status !== 0) throw new Error(`the synthesis ended with status ${status}:\n${(stderr || stdout).trim()}`);
  return output;
}

export interface Finished {
  /** The exit status, or 128 + the signal's number as shells have it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end and keeps its output in memory only: a plan's JSON holds secrets.
 * @throws {Error} with the remedy, where there is no such program; and where this process is asked to end, as soon as
 * the program has ended, so that Terraform releases its lock and callers remove what they wrote.
 */
export function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let interrupted = false;
    // A terminal interrupts the whole group, so Terraform has heard of it; a supervisor's signal is for this process only.
    const onInterrupt = () => {
      interrupted = true;
    };
    const onTerminate = () => {
      interrupted = true;
      child.kill("SIGTERM");
    };
    process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate);
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    child.stdout.on("data", (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => output.stderr.push(chunk));
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        error.code === "ENOENT"
          ? new Error(`${command} was not found: install it, or name another program in TERRAFORM_BINARY_NAME`)
          : error,
      );
    });
    child.once("close", (code, signal) => {
      process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate);
      if (interrupted)
        return reject(new Error(`interrupted: ${command} was allowed to finish, and nothing was changed`));
      resolve({
        status: code ?? (signal === "SIGINT" ? 130 : 143),
        stdout: Buffer.concat(output.stdout).toString("utf8"),
        stderr: Buffer.concat(output.stderr).toString("utf8"),
      });
    });
  });
}
