import { evaluate } from "./evaluate";

/** Who vouches for people to IAM: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html */
const PROVIDER = "cognito-identity.amazonaws.com";

/** Who an identity pool says that somebody is: what a role's trust policy decides by. */
export interface WebIdentity {
  /** The identity's id. */
  readonly sub: string;
  /** The identity pool's id. */
  readonly aud: string;
  /** "authenticated" or "unauthenticated", then how. */
  readonly amr: readonly string[];
  /** Tags that the session will have. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What policies may ask of the identity itself, in every session that it opens. */
export function identityContext({ sub, aud, amr }: WebIdentity): Record<string, string | readonly string[]> {
  return { [`${PROVIDER}:sub`]: sub, [`${PROVIDER}:aud`]: aud, [`${PROVIDER}:amr`]: amr };
}

/**
 * Whether a role's trust policy lets an identity have the role: `sts:AssumeRoleWithWebIdentity`, and `sts:TagSession`
 * where the session has tags.
 */
export async function trustsIdentity(
  role: { readonly arn: string; readonly trustPolicy: unknown },
  who: WebIdentity,
  sessionName: string,
): Promise<boolean> {
  const accountId = role.arn.split(":")[4] ?? "";
  // The simulator knows no federated principals: this stands for the one that is named by the provider.
  const principal = `arn:aws:iam::${accountId}:role/web-identity`;
  const resourcePolicy = statementsAbout(role.trustPolicy, principal);
  if (resourcePolicy === undefined) return false;
  const tags = Object.entries(who.tags);
  const context = {
    ...identityContext(who),
    ...Object.fromEntries(tags.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    "sts:RoleSessionName": sessionName,
    ...(tags.length === 0 ? {} : { "aws:TagKeys": Object.keys(who.tags) }),
  };
  for (const action of ["sts:AssumeRoleWithWebIdentity", ...(tags.length === 0 ? [] : ["sts:TagSession"])]) {
    const resource = role.arn;
    const question = { principal, accountId, action, resource, context, identityPolicies: [], resourcePolicy };
    if (!(await evaluate(question)).allowed) return false;
  }
  return true;
}

interface Statement {
  readonly Principal?: unknown;
}

/** The statements about the identity pools' provider, with the principal that the simulator knows. */
function statementsAbout(policy: unknown, principal: string): object | undefined {
  const { Statement, ...rest } = policy as { Statement: Statement | readonly Statement[] };
  const about = [Statement].flat().filter((statement): statement is Statement => {
    const named = (statement as Statement | undefined)?.Principal;
    if (named === "*") return true;
    const { Federated } = (named ?? {}) as { Federated?: string | readonly string[] };
    return [Federated].flat().includes(PROVIDER);
  });
  if (about.length === 0) return undefined;
  return { ...rest, Statement: about.map((statement) => ({ ...statement, Principal: { AWS: principal } })) };
}
