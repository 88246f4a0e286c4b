import { grantChange } from "./grant-change";
import { policyGrants } from "./server-access";
import { serverAddress } from "./server-address";
import type { TerraformPlan } from "./terraform-plan";

/**
 * What to know about the order of deployment, where both layers change: a function that tags sessions is refused by
 * roles that do not allow it yet, which is what a deployment of the documented layout has.
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
