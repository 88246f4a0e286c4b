import { IDENTITY, ISSUER } from "../access/people";
import { grantFindings } from "./grant-words";
import { type Grant, NO_GRANTS, policyGrants } from "./grants";
import { type Finding, widening } from "./report";
import { type ChangeKind, changeKind, type ResourceChange, type TerraformPlan } from "./terraform-plan";
import { appClientFindings, userPoolFindings } from "./users-sign-in";

type Describe = (change: ResourceChange, kind: ChangeKind) => readonly Finding[];

/** What a plan of the users layer means for who may sign in and who may reach what, by the addresses of resources. */
export function usersFindings(plan: TerraformPlan): ReadonlyMap<string, readonly Finding[]> {
  const findings = new Map<string, readonly Finding[]>();
  for (const change of plan.resourceChanges) {
    const kind = changeKind(change);
    const describe = DESCRIPTIONS[change.type];
    if (describe === undefined || kind === undefined || kind === "moved" || kind === "forgotten") continue;
    findings.set(change.address, [...describe(change, kind), ...lossFindings(change, kind)]);
  }
  return findings;
}

const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  aws_cognito_user_pool: userPoolFindings,
  aws_cognito_user_pool_client: appClientFindings,
  aws_cognito_user_pool_domain: () => [],
  aws_cognito_identity_pool: identityPoolFindings,
  aws_cognito_identity_pool_roles_attachment: attachmentFindings,
  aws_cognito_user: userFindings,
  aws_cognito_user_group: groupFindings,
  aws_cognito_user_in_group: membershipFindings,
  aws_iam_role: roleFindings,
  aws_iam_role_policy: policyFindings,
};

/** What people lose with a resource that is removed or replaced. */
const HELD: Readonly<Record<string, string>> = {
  aws_cognito_user_pool:
    "people lose their accounts, passwords and second factors, and what is under the prefixes of their identities",
  aws_cognito_identity_pool: "people lose their identities: what is under the prefixes of those is nobody's any more",
  aws_cognito_user_pool_client:
    "its id, which is in people's settings, and everybody who signed in by it is signed out",
  aws_cognito_user_pool_domain: "the address of the sign-in pages, which is in people's settings",
  aws_cognito_user: "the account: one that is made again has another identity, and so another prefix",
};

function lossFindings({ type, address }: ResourceChange, kind: ChangeKind): Finding[] {
  // Of a service's client, what is said of every layer's clients is true.
  const held = type === "aws_cognito_user_pool_client" && !address.endsWith(".cli") ? undefined : HELD[type];
  if (held === undefined || (kind !== "removed" && kind !== "replaced")) return [];
  return [{ text: `${kind} with ${address}: ${held}`, mark: "stateful-resource" }];
}

function identityPoolFindings({ before, after }: ResourceChange): Finding[] {
  const turnedOn = (attribute: string) => after?.[attribute] === true && before?.[attribute] !== true;
  const turnedOff = (attribute: string) => before?.[attribute] === true && after !== null && after[attribute] !== true;
  const checks = (side: ResourceChange["before"]) =>
    ((side?.cognito_identity_providers as { server_side_token_check?: boolean }[] | null | undefined) ?? []).every(
      (provider) => provider.server_side_token_check === true,
    );
  return [
    ...(turnedOn("allow_unauthenticated_identities")
      ? [widening("guests are allowed: anybody gets credentials without signing in")]
      : []),
    ...(turnedOff("allow_unauthenticated_identities") ? [{ text: "guests are no longer allowed" }] : []),
    ...(turnedOn("allow_classic_flow")
      ? [widening("the basic flow is allowed: people name the role that they want, for up to its longest session")]
      : []),
    ...(turnedOff("allow_classic_flow")
      ? [{ text: "the basic flow is no longer allowed: sessions last an hour" }]
      : []),
    ...(after !== null && !checks(after)
      ? [widening("tokens are not checked with the user pool: people who were signed out or disabled get credentials")]
      : []),
  ];
}

function attachmentFindings({ before, after }: ResourceChange): Finding[] {
  const resolution = (side: ResourceChange["before"]) =>
    ((side?.role_mapping as { ambiguous_role_resolution?: string }[] | null | undefined) ?? [])[0]
      ?.ambiguous_role_resolution;
  const [was, is] = [resolution(before), resolution(after)];
  if (is === was) return [];
  if (is === "AuthenticatedRole") return [widening("people whose groups have no role may get users_authenticated")];
  return is === "Deny" ? [{ text: "people whose groups have no role get no credentials" }] : [];
}

function userFindings({ before, after }: ResourceChange, kind: ChangeKind): Finding[] {
  const name = String((after ?? before)?.username);
  const enabled = (side: ResourceChange["before"]) => side !== null && side.enabled !== false;
  if (kind === "added") return enabled(after) ? [widening(`${name} is invited, and may sign in`)] : [];
  if (enabled(before) === enabled(after)) return [];
  return [
    enabled(after)
      ? widening(`${name} may sign in again`)
      : { text: `${name} may no longer sign in; credentials that are out last until they expire` },
  ];
}

function groupFindings({ before, after }: ResourceChange, kind: ChangeKind): Finding[] {
  if (kind !== "changed" || before?.precedence === after?.precedence) return [];
  const text = `its precedence is ${String(after?.precedence)} instead of ${String(before?.precedence)}`;
  return [widening(`${text}: people who are in other groups too may get another role`)];
}

function membershipFindings({ before, after }: ResourceChange): Finding[] {
  const words = (side: ResourceChange["before"]) => `${String(side?.username)} ${side === after ? "into" : "out of"}`;
  return [
    ...(after === null ? [] : [widening(`puts ${words(after)} the group ${String(after.group_name)}`)]),
    ...(before === null
      ? []
      : [
          {
            text: `takes ${words(before)} the group ${String(before.group_name)}; credentials that are out last until they expire`,
          },
        ]),
  ];
}

function roleFindings(change: ResourceChange, kind: ChangeKind): Finding[] {
  const { before, after } = change;
  const [was, is] = [before?.max_session_duration, after?.max_session_duration].map((value) => Number(value ?? 3600));
  const words = `its sessions last at most ${is} seconds`;
  const longer = is !== undefined && was !== undefined && is > was;
  return [
    ...(after === null || is === was
      ? []
      : [widening(kind === "added" ? words : `${words} instead of ${was}`, longer)]),
    ...(kind === "removed" ? [] : trustFindings(change, kind)),
  ];
}

/** A new role trusts the identity pool; its id is known once there is one. */
function trustFindings(change: ResourceChange, kind: ChangeKind): Finding[] {
  const trust = policyGrants(change, "assume_role_policy", "after");
  if (kind === "added" && trust === undefined) {
    return [{ text: "who may take it is known only after the apply: its trust policy names the identity pool" }];
  }
  // That the pool lets people in is what such a role is for.
  if (kind === "added" && trust?.allowed.every(isOfIdentityPool)) return [];
  const before = policyGrants(change, "assume_role_policy", "before") ?? (kind === "added" ? NO_GRANTS : undefined);
  return grantFindings(before, trust, kind === "added").map(({ text, ...mark }) => ({
    text: `its trust: ${text}`,
    ...mark,
  }));
}

function isOfIdentityPool({ principal, condition }: Grant): boolean {
  return principal === ISSUER && condition.includes(`"${ISSUER}:aud":`);
}

function policyFindings(change: ResourceChange, kind: ChangeKind): Finding[] {
  const [before, after] = (["before", "after"] as const).map((side) => policyGrants(change, "policy", side));
  return grantFindings(before, after, kind === "added").map((finding) => ({
    ...finding,
    text: finding.text.replaceAll(IDENTITY, "<own identity>"),
  }));
}
