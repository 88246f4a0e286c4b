import { accountOf, type RoleSession } from "../aws/authorizer";
import { evaluate } from "../aws/policy-evaluator";
import type { ReadRolePolicies } from "../aws/role-policies";
import type { WebIdentity } from "./open-id-tokens";

export interface AssumeRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
  /** A session policy, as JSON. */
  readonly policy?: string;
}

export interface Issued {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  readonly assumedRoleId: string;
  readonly assumedRoleArn: string;
}

export interface RoleSessionIssuer {
  /** Credentials of a role, where its trust policy lets this identity have it. */
  assume(who: WebIdentity, request: AssumeRequest): Promise<Issued | "untrusted">;
  /** The longest session that the role allows; undefined where there is no such role. */
  longestSeconds(roleArn: string): Promise<number | undefined>;
}

export interface RoleSessionParts {
  readonly readRolePolicies: ReadRolePolicies;
  /** Has the emulator's STS make credentials, so that it knows whose they are. */
  readonly issue: (request: AssumeRequest) => Promise<Issued>;
  /** Makes the IAM proxy enforce the session. */
  readonly remember: (session: RoleSession) => void;
}

const PROVIDER = "cognito-identity.amazonaws.com";

/** Opens sessions of roles for identities, by the roles' own trust policies. */
export class TrustedRoleSessions implements RoleSessionIssuer {
  constructor(private readonly parts: RoleSessionParts) {}

  async assume(who: WebIdentity, request: AssumeRequest): Promise<Issued | "untrusted"> {
    const { roleArn, sessionName, policy } = request;
    if (!(await this.isTrusted(who, request))) return "untrusted";
    const issued = await this.parts.issue(request);
    const { accessKeyId, sessionToken, expires } = issued;
    const context = { ...identityContext(who), ...prefixed("aws:PrincipalTag/", who.tags) };
    this.parts.remember({ accessKeyId, sessionToken, roleArn, sessionName, sessionPolicy: policy, expires, context });
    return issued;
  }

  async longestSeconds(roleArn: string): Promise<number | undefined> {
    return (await this.parts.readRolePolicies(roleArn))?.longestSessionSeconds;
  }

  private async isTrusted(who: WebIdentity, { roleArn, sessionName }: AssumeRequest): Promise<boolean> {
    const role = await this.parts.readRolePolicies(roleArn);
    const accountId = accountOf(roleArn);
    // The simulator knows no federated principals: this stands for the one that is named by the provider.
    const principal = `arn:aws:iam::${accountId}:role/web-identity`;
    const resourcePolicy = trustOf(role?.trustPolicy, principal);
    if (role === undefined || resourcePolicy === undefined) return false;
    const context = {
      ...identityContext(who),
      ...prefixed("aws:RequestTag/", who.tags),
      "sts:RoleSessionName": sessionName,
      ...(Object.keys(who.tags).length === 0 ? {} : { "aws:TagKeys": Object.keys(who.tags) }),
    };
    const actions = [
      "sts:AssumeRoleWithWebIdentity",
      ...(Object.keys(who.tags).length === 0 ? [] : ["sts:TagSession"]),
    ];
    for (const action of actions) {
      const question = {
        principal,
        accountId,
        action,
        resource: roleArn,
        context,
        identityPolicies: [],
        resourcePolicy,
      };
      if (!(await evaluate(question)).allowed) return false;
    }
    return true;
  }
}

/** What policies may ask of the identity itself. */
function identityContext({ sub, aud, amr }: WebIdentity): Record<string, string | readonly string[]> {
  return { [`${PROVIDER}:sub`]: sub, [`${PROVIDER}:aud`]: aud, [`${PROVIDER}:amr`]: amr };
}

function prefixed(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));
}

interface Statement {
  readonly Principal?: unknown;
}

/** The statements about the identity pool's provider, with the principal that the simulator knows. */
function trustOf(policy: unknown, principal: string): object | undefined {
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
