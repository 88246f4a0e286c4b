import { resolve } from "node:path";
import { runProgram } from "./run-program";

/**
 * Synthesises one environment into the folder that `cdktf` uses too, so that providers are installed once. It runs the
 * app itself: the `cdktf` command would take away the folders of all other stacks.
 * @returns the folder.
 * @throws {Error} with the app's own message where it refuses the configuration.
 */
export async function synthesise(project: string, environment: string, env: NodeJS.ProcessEnv): Promise<string> {
  const output = resolve(project, env.CDKTF_OUTDIR || "cdktf.out");
  const { status, stdout, stderr } = await runProgram(process.execPath, ["--import", "tsx", "main.ts"], {
    cwd: project,
    env: { ...env, CDKTF_OUTDIR: output, OIDC_S3_ENVIRONMENTS: environment },
  });
  if (status !== 0) throw new Error(`the synthesis ended with status ${status}:\n${(stderr || stdout).trim()}`);
  return output;
}
