import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Layer, LayerReport } from "./report";
import { type Finished, runProgram } from "./run-program";
import { summarise } from "./summary";
import { parseTerraformPlan, type TerraformPlan } from "./terraform-plan";

export interface LayerPlanOptions {
  readonly layer: Layer;
  /** The stack's folder, with its synthesised `cdk.tf.json`. */
  readonly folder: string;
  /** The Terraform or OpenTofu program. */
  readonly terraform: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether Terraform's own plan is to be coloured. */
  readonly color: boolean;
}

/** A layer's report, with the plan that it came from where there is one. */
export interface PlannedLayer {
  readonly report: LayerReport;
  readonly plan?: TerraformPlan;
}

/** Plans one layer with Terraform. The plan file, which holds secrets, is in a private folder and is removed at once. */
export async function planLayer({ layer, folder, terraform, env, color }: LayerPlanOptions): Promise<PlannedLayer> {
  const scratch = await mkdtemp(join(tmpdir(), "oidc-s3-plan-"));
  const planFile = join(scratch, "plan");
  const run = (...args: string[]) =>
    runProgram(terraform, args, { cwd: folder, env: { ...env, TF_IN_AUTOMATION: "1", TF_INPUT: "0" } });
  try {
    const init = await run("init", "-input=false", "-no-color");
    if (init.status !== 0) return failed(layer, "terraform init", init);
    const planned = await run("plan", "-input=false", "-no-color", "-detailed-exitcode", `-out=${planFile}`);
    if (planned.status !== 0 && planned.status !== 2) return failed(layer, "terraform plan", planned);
    const json = await run("show", "-json", planFile);
    if (json.status !== 0) return failed(layer, "terraform show", { ...json, stdout: "" });
    const text = await run("show", ...(color ? [] : ["-no-color"]), planFile);
    if (text.status !== 0) return failed(layer, "terraform show", text);
    const plan = parseTerraformPlan(json.stdout);
    return {
      plan,
      report: {
        layer,
        status: "planned",
        exitCode: planned.status,
        summary: summarise(plan),
        terraform: text.stdout,
      },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function failed(layer: Layer, command: string, { status, stdout, stderr }: Finished): PlannedLayer {
  // What Terraform got to before it failed is in stdout, mostly refreshing; the reason is in stderr.
  const reason = stderr.trim() || stdout.trim();
  return {
    report: { layer, status: "failed", exitCode: 1, reason: `${command} ended with status ${status}:\n${reason}` },
  };
}
