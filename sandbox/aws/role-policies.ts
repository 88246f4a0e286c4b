import {
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  NoSuchEntityException,
  paginateListAttachedRolePolicies,
  paginateListRolePolicies,
} from "@aws-sdk/client-iam";

interface NamedPolicy {
  readonly name: string;
  readonly policy: unknown;
}

export interface RolePolicies {
  readonly identityPolicies: readonly NamedPolicy[];
  /** Who may assume the role. */
  readonly trustPolicy: unknown;
  readonly tags?: Readonly<Record<string, string>>;
  readonly longestSessionSeconds?: number;
}

/** Long enough for a burst of uploads, short enough that nobody waits for a changed policy to take effect. */
const CACHE_MS = 1_000;

/** Reads the policies of a role as they are deployed in the emulator; undefined where there is no such role. */
export type ReadRolePolicies = (roleArn: string) => Promise<RolePolicies | undefined>;

export function rolePolicyReader(iam: IAMClient, now: () => number = Date.now): ReadRolePolicies {
  const cache = new Map<string, { readonly until: number; readonly policies: Promise<RolePolicies | undefined> }>();
  return (roleArn) => {
    const cached = cache.get(roleArn);
    if (cached !== undefined && cached.until > now()) return cached.policies;
    const policies = readRole(iam, roleArn.split("/").at(-1) ?? "");
    cache.set(roleArn, { until: now() + CACHE_MS, policies });
    policies.catch(() => cache.delete(roleArn));
    return policies;
  };
}

async function readRole(iam: IAMClient, RoleName: string): Promise<RolePolicies | undefined> {
  try {
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    return {
      identityPolicies: [...(await inlinePolicies(iam, RoleName)), ...(await attachedPolicies(iam, RoleName))],
      trustPolicy: document(Role?.AssumeRolePolicyDocument),
      longestSessionSeconds: Role?.MaxSessionDuration ?? 3600,
      tags: Object.fromEntries((Role?.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    };
  } catch (error) {
    if (error instanceof NoSuchEntityException) return undefined;
    throw error;
  }
}

async function inlinePolicies(client: IAMClient, RoleName: string): Promise<NamedPolicy[]> {
  const policies: NamedPolicy[] = [];
  for await (const { PolicyNames = [] } of paginateListRolePolicies({ client }, { RoleName })) {
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      policies.push({ name: PolicyName, policy: document(PolicyDocument) });
    }
  }
  return policies;
}

async function attachedPolicies(client: IAMClient, RoleName: string): Promise<NamedPolicy[]> {
  const policies: NamedPolicy[] = [];
  for await (const { AttachedPolicies = [] } of paginateListAttachedRolePolicies({ client }, { RoleName })) {
    for (const { PolicyArn, PolicyName = "" } of AttachedPolicies) {
      const { Policy } = await client.send(new GetPolicyCommand({ PolicyArn }));
      const VersionId = Policy?.DefaultVersionId;
      const { PolicyVersion } = await client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
      policies.push({ name: PolicyName, policy: document(PolicyVersion?.Document) });
    }
  }
  return policies;
}

/** IAM returns documents percent-encoded (RFC 3986). */
function document(encoded: string | undefined): unknown {
  return JSON.parse(decodeURIComponent(encoded ?? "%7B%7D"));
}
