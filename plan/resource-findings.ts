import { changeKind } from "./change-kind";
import { type Finding, widening } from "./finding";
import { grantFindings } from "./grant-findings";
import { policyGrants } from "./server-access";
import { heldBy } from "./stateful";
import type { ResourceChange } from "./terraform-plan";

/** What would be lost with the resource, where the plan removes or replaces it. */
export function lossFindings(change: ResourceChange): Finding[] {
  const kind = changeKind(change);
  const held = heldBy(change.type);
  if (held === undefined || (kind !== "removed" && kind !== "replaced")) return [];
  return [{ text: `${kind} with ${change.address}: ${held}`, mark: "stateful-resource" }];
}

const POLICY_ATTRIBUTES: Readonly<Record<string, string>> = {
  aws_iam_role: "assume_role_policy",
  aws_iam_role_policy: "policy",
  aws_s3_bucket_policy: "policy",
};
const PUBLIC_ACCESS = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/** What changes in access by a resource that is no server's own. */
export function sharedAccessFindings(change: ResourceChange): Finding[] {
  const kind = changeKind(change);
  if (kind === undefined || kind === "moved" || kind === "imported" || kind === "forgotten") return [];
  const attribute = POLICY_ATTRIBUTES[change.type];
  if (attribute !== undefined) {
    return grantFindings(
      policyGrants(change, attribute, "before"),
      policyGrants(change, attribute, "after"),
      kind === "added",
    );
  }
  if (change.type === "aws_s3_bucket_public_access_block") {
    const opened = PUBLIC_ACCESS.filter((name) => change.before?.[name] === true && change.after?.[name] !== true);
    return opened.map((name) => widening(`${name} is off from now on: the bucket can be made public`));
  }
  if (kind === "removed") return [];
  if (change.type === "aws_iam_role_policy_attachment") {
    return [widening(`its role gets all of ${String(change.after?.policy_arn)}`)];
  }
  if (change.type === "aws_lambda_permission") {
    return [widening(`${String(change.after?.principal)} may call the function`)];
  }
  return [];
}
