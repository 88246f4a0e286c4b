import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Layer, stackName } from "../layers";
import { quietProviders } from "../layers/quiet-providers";
import { apiFindings } from "./api-access";
import { grantChange, policyGrants } from "./grants";
import { type Finished, runProgram } from "./programs";
import type { LayerReport, PlanReport } from "./report";
import { serverAddress } from "./server-access";
import { type LayerFindings, summarise } from "./summary";
import { parseTerraformPlan, type TerraformPlan } from "./terraform-plan";
import { usersFindings } from "./users-access";

interface EnvironmentPlanOptions {
  readonly environment: string;
  /** In order of deployment. */
  readonly layers: readonly Layer[];
  /** The folder that was synthesised into. */
  readonly output: string;
  readonly plan: (layer: Layer, folder: string) => Promise<PlannedLayer>;
}

/**
 * Plans the layers one after the other. A layer may read another's outputs from its state: while they are missing it is
 * not planned, and the report says why.
 */
export async function planEnvironment(options: EnvironmentPlanOptions): Promise<PlanReport> {
  const { environment, layers, output, plan } = options;
  const planned: PlannedLayer[] = [];
  const planOf = (name: string) => planned.find(({ report }) => report.layer === name)?.plan;
  for (const layer of layers) {
    const reason = layer.reads.flatMap((read) => notYet(environment, layer.name, read, planOf(read.layer)) ?? [])[0];
    if (reason !== undefined) {
      planned.push({ report: { layer: layer.name, status: "not-yet", exitCode: 2, reason } });
    } else {
      planned.push(await plan(layer, join(output, "stacks", stackName(layer.name, environment))));
    }
  }
  const [foundation, servers] = [planOf("foundation"), planOf("servers")];
  const note = foundation && servers ? orderNote(environment, foundation, servers) : undefined;
  return { environment, notes: note === undefined ? [] : [note], layers: planned.map(({ report }) => report) };
}

/** Why a layer cannot be planned yet; undefined where what it reads is there, or was not planned with it. */
function notYet(
  environment: string,
  layer: string,
  read: Layer["reads"][number],
  plan: TerraformPlan | undefined,
): string | undefined {
  const missing = plan === undefined ? [] : read.outputs.filter((name) => !plan.deployedOutputs.includes(name));
  if (missing.length === 0) return undefined;
  const stack = stackName(read.layer, environment);
  const deployed =
    missing.length === read.outputs.length
      ? `${stack} is not deployed`
      : `${stack} is only partly deployed: its state has no output ${missing.join(", ")}`;
  return `${deployed}, and the ${layer} layer is built from its outputs: deploy it (npx cdktf deploy ${stack}), then plan again`;
}

/**
 * The order of deployment, where it matters: a function that tags sessions is refused by roles that do not allow it yet,
 * such as those of the original Terraform modules.
 */
export function orderNote(environment: string, foundation: TerraformPlan, servers: TerraformPlan): string | undefined {
  const functionChanges = foundation.resourceChanges.some(
    ({ type, actions }) => type === "aws_lambda_function" && actions.includes("update"),
  );
  const rolesChange = servers.resourceChanges.some((change) => {
    if (serverAddress(change.address)?.part !== "role" || change.before === null) return false;
    const [before, after] = (["before", "after"] as const).map((side) =>
      policyGrants(change, "assume_role_policy", side),
    );
    return grantChange(before, after).gained.some(({ action }) => action === "sts:TagSession");
  });
  if (!functionChanges || !rolesChange) return undefined;
  return `Deploy servers-${environment} first, then foundation-${environment}: the new function tags the sessions of the servers' roles, and is refused by those that do not allow it yet.`;
}

/** Layers whose plans mean something in their own terms; the servers' own are a part of every summary. */
const FINDINGS: Readonly<Record<string, LayerFindings>> = { api: apiFindings, users: usersFindings };

interface LayerPlanOptions {
  readonly layer: Pick<Layer, "name" | "subject">;
  /** The stack's folder, with its synthesised `cdk.tf.json`. */
  readonly folder: string;
  /** The Terraform or OpenTofu program. */
  readonly terraform: string;
  readonly env: NodeJS.ProcessEnv;
  /** Whether to colour Terraform's own plan. */
  readonly color: boolean;
}

/** A layer's report, and the plan that it was made from, if there is one. */
export interface PlannedLayer {
  readonly report: LayerReport;
  readonly plan?: TerraformPlan;
}

/** Plans one layer with Terraform. The plan file, which holds secrets, lives in a private folder and is removed at once. */
export async function planLayer({ layer, folder, terraform, env, color }: LayerPlanOptions): Promise<PlannedLayer> {
  const { name, subject } = layer;
  const scratch = await mkdtemp(join(tmpdir(), "oidc-s3-plan-"));
  const planFile = join(scratch, "plan");
  const run = (...args: string[]) =>
    runProgram(terraform, args, { cwd: folder, env: { ...quietProviders(env), TF_IN_AUTOMATION: "1", TF_INPUT: "0" } });
  try {
    const init = await run("init", "-input=false", "-no-color");
    if (init.status !== 0) return failed(name, "terraform init", init);
    const planned = await run("plan", "-input=false", "-no-color", "-detailed-exitcode", `-out=${planFile}`);
    if (planned.status !== 0 && planned.status !== 2) return failed(name, "terraform plan", planned);
    const json = await run("show", "-json", planFile);
    if (json.status !== 0) return failed(name, "terraform show", { ...json, stdout: "" });
    const text = await run("show", ...(color ? [] : ["-no-color"]), planFile);
    if (text.status !== 0) return failed(name, "terraform show", text);
    const plan = parseTerraformPlan(json.stdout);
    return {
      plan,
      report: {
        layer: name,
        status: "planned",
        exitCode: planned.status,
        summary: summarise(plan, subject, FINDINGS[name]),
        terraform: text.stdout,
      },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function failed(layer: string, command: string, { status, stdout, stderr }: Finished): PlannedLayer {
  // stdout holds what Terraform did before it failed, mostly refreshing; stderr has the reason.
  const reason = stderr.trim() || stdout.trim();
  return {
    report: { layer, status: "failed", exitCode: 1, reason: `${command} ended with status ${status}:\n${reason}` },
  };
}
