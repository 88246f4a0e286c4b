import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cdktf } from "./cdktf";
import { deploymentState } from "./deployment-state";

export type Layer = "foundation" | "servers";

/** More at once, and the emulator drops connections. */
const TERRAFORM_PARALLELISM = "4";
const PROGRESS_EVERY_MS = 5_000;

/**
 * Deploys one stack with `cdktf deploy`, and says how far it is.
 * @throws {Error} with the end of Terraform's output, all of which is kept in the file that it names.
 */
export async function deployStack(
  cdktf: Cdktf,
  stack: string,
  outputsFile: string,
  progress: (line: string) => void,
): Promise<void> {
  const start = Date.now();
  let last = { step: "", at: 0 };
  const onOutput = (output: string) => {
    const { step, detail } = deploymentState(output);
    // A new step is told at once, progress within one now and then.
    if (step === last.step && Date.now() - last.at < PROGRESS_EVERY_MS) return;
    last = { step, at: Date.now() };
    progress(`${stack}: ${step}${detail} (${seconds(start)})`);
  };
  const outputs = ["--outputs-file", outputsFile, "--outputs-file-include-sensitive-outputs"];
  const { status, output, logFile } = await cdktf.run(
    ["deploy", stack, "--auto-approve", "--terraform-parallelism", TERRAFORM_PARALLELISM, ...outputs],
    { onOutput },
  );
  if (status === 0) {
    progress(`${stack}: deployed (${seconds(start)})`);
    return;
  }
  // The run's own folder does not outlive it.
  const kept = join(tmpdir(), `oidc-s3-${stack}-${process.pid}-${start}.log`);
  await copyFile(logFile, kept);
  const end = output.trimEnd().split("\n").slice(-25).join("\n");
  throw new Error(`cdktf deploy ${stack} ended with status ${status}:\n${end}\nAll that it said is in ${kept}`);
}

function seconds(start: number): string {
  return `${Math.round((Date.now() - start) / 1000)} s`;
}
