import { identityContext, trustsIdentity, type WebIdentity } from "../../iam/web-identity";
import type { RoleSession } from "../aws/authorizer";
import type { ReadRolePolicies } from "../aws/role-policies";

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

/** Opens sessions of roles for identities, by the roles' own trust policies. */
export class TrustedRoleSessions implements RoleSessionIssuer {
  constructor(private readonly parts: RoleSessionParts) {}

  async assume(who: WebIdentity, request: AssumeRequest): Promise<Issued | "untrusted"> {
    const { roleArn, sessionName, policy } = request;
    const trustPolicy = (await this.parts.readRolePolicies(roleArn))?.trustPolicy;
    if (trustPolicy === undefined || !(await trustsIdentity({ arn: roleArn, trustPolicy }, who, sessionName)))
      return "untrusted";
    const issued = await this.parts.issue(request);
    const { accessKeyId, sessionToken, expires } = issued;
    const context = { ...identityContext(who), ...prefixed("aws:PrincipalTag/", who.tags) };
    this.parts.remember({ accessKeyId, sessionToken, roleArn, sessionName, sessionPolicy: policy, expires, context });
    return issued;
  }

  async longestSeconds(roleArn: string): Promise<number | undefined> {
    return (await this.parts.readRolePolicies(roleArn))?.longestSessionSeconds;
  }
}

function prefixed(prefix: string, tags: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${prefix}${key}`, value]));
}
