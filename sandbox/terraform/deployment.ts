import { copyFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Cdktf } from "./cdktf";

/** More at once, and the emulator drops connections. */
const TERRAFORM_PARALLELISM = "4";
const PROGRESS_EVERY_MS = 5_000;

export interface DeploymentOptions {
  /** Variables of this deployment alone. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether what it deploys has just been synthesised, with another stack of the same environment. */
  readonly isSynthesised?: boolean;
}

/**
 * Synthesises, deploys one stack with `cdktf deploy`, and reports its progress.
 * @throws {Error} with the end of Terraform's output, all of which is kept in the file that it names.
 */
export async function deployStack(
  cdktf: Cdktf,
  stack: string,
  outputsFile: string,
  progress: (line: string) => void,
  { environment, isSynthesised = false }: DeploymentOptions = {},
): Promise<void> {
  const start = Date.now();
  const env = environment === undefined ? {} : { env: environment };
  if (!isSynthesised) {
    progress(`${stack}: synthesising`);
    await cdktf.synthesise(env);
  }
  let last = { step: "", at: 0 };
  const onOutput = (output: string) => {
    const { step, detail } = deploymentState(output);
    // A new step is reported at once, progress within a step every few seconds.
    if (step === last.step && Date.now() - last.at < PROGRESS_EVERY_MS) return;
    last = { step, at: Date.now() };
    progress(`${stack}: ${step}${detail} (${seconds(start)})`);
  };
  const outputs = ["--outputs-file", outputsFile, "--outputs-file-include-sensitive-outputs"];
  const parallelism = ["--terraform-parallelism", TERRAFORM_PARALLELISM];
  const { status, output, logFile } = await cdktf.run(
    ["deploy", stack, "--skip-synth", "--auto-approve", ...parallelism, ...outputs],
    { onOutput, ...env },
  );
  if (status === 0) {
    progress(`${stack}: deployed (${seconds(start)})`);
    return;
  }
  // The run's folder is removed when the run ends; this copy stays.
  const kept = join(tmpdir(), `oidc-s3-${stack}-${process.pid}-${start}.log`);
  await copyFile(logFile, kept);
  const end = output.trimEnd().split("\n").slice(-25).join("\n");
  throw new Error(`cdktf deploy ${stack} ended with status ${status}:\n${end}\nThe whole output is in ${kept}`);
}

function seconds(start: number): string {
  return `${Math.round((Date.now() - start) / 1000)} s`;
}

export interface DeploymentState {
  /** What Terraform is doing; each step comes once, in this order. */
  readonly step: "starting cdktf" | "initialising Terraform" | "planning" | "applying" | "reading the outputs";
  /** Progress within the step, to be appended to it. */
  readonly detail: string;
}

/** How far a deployment is, read from the output of cdktf and Terraform so far. */
export function deploymentState(output: string): DeploymentState {
  if (output.includes("Apply complete!")) return { step: "reading the outputs", detail: "" };
  const plan = /Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/.exec(output);
  if (plan !== null) {
    const total = plan.slice(1).reduce((sum, count) => sum + Number(count), 0);
    const done = output.match(/: (?:Creation|Modifications|Destruction) complete after/g)?.length ?? 0;
    return { step: "applying", detail: `, ${done} of ${total} resources done` };
  }
  if (output.includes("successfully initialized")) return { step: "planning", detail: "" };
  if (output.includes("Initializing")) return { step: "initialising Terraform", detail: "" };
  return { step: "starting cdktf", detail: "" };
}
