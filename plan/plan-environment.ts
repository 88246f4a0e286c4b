import { join } from "node:path";
import { orderNote } from "./deployment-order";
import type { PlannedLayer } from "./plan-layer";
import { LAYERS, type Layer, type PlanReport } from "./report";

/** Outputs of the foundation layer that every resource of the servers layer is made from. */
const NEEDED_OUTPUTS = [
  "bucket_arn",
  "client_roles_table_name",
  "cognito_user_pool_id",
  "credential_vending_lambda_role_arn",
  "resource_server_identifier",
];

export interface EnvironmentPlanOptions {
  readonly environment: string;
  readonly layers: readonly Layer[];
  /** The folder that was synthesised into. */
  readonly output: string;
  readonly plan: (layer: Layer, folder: string) => Promise<PlannedLayer>;
}

/**
 * Plans the layers one after the other. The servers layer reads the foundation's outputs from its state: where they are
 * not there yet it is not planned, and the report says why.
 */
export async function planEnvironment(options: EnvironmentPlanOptions): Promise<PlanReport> {
  const { environment, layers, output, plan } = options;
  const planned: PlannedLayer[] = [];
  for (const layer of LAYERS.filter((each) => layers.includes(each))) {
    const foundation = planned.find(({ report }) => report.layer === "foundation")?.plan;
    const missing = foundation ? NEEDED_OUTPUTS.filter((name) => !foundation.deployedOutputs.includes(name)) : [];
    if (layer === "servers" && missing.length > 0) {
      planned.push({ report: { layer, status: "not-yet", exitCode: 2, reason: notYet(environment, missing) } });
    } else {
      planned.push(await plan(layer, join(output, "stacks", `${layer}-${environment}`)));
    }
  }
  const [foundation, servers] = LAYERS.map((layer) => planned.find(({ report }) => report.layer === layer)?.plan);
  const note = foundation && servers ? orderNote(environment, foundation, servers) : undefined;
  return { environment, notes: note === undefined ? [] : [note], layers: planned.map(({ report }) => report) };
}

function notYet(environment: string, missing: readonly string[]): string {
  const deployed =
    missing.length === NEEDED_OUTPUTS.length
      ? `foundation-${environment} is not deployed`
      : `foundation-${environment} is deployed in part only: its state has no output ${missing.join(", ")}`;
  return `${deployed}, and the servers layer is made from its outputs: deploy it (npx cdktf deploy foundation-${environment}), then plan again`;
}
