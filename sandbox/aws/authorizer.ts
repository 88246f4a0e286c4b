import type { AccessRequest, Signer } from "./access-request";
import { type Decision, evaluate } from "./policy-evaluator";
import type { ReadRolePolicies, RolePolicies } from "./role-policies";
import { accountOf, type RoleSession, type RoleSessions, sessionArn } from "./role-sessions";

/** Why a request is refused before anything is asked of it; names as S3 and STS use them. */
export type Refusal = "AccessDenied" | "ExpiredToken" | "InvalidToken" | "InvalidAccessKeyId";

export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
  }
}

/** Decides for the sessions of roles what the emulator does not: session policies, conditions, trust, expiry. */
export class Authorizer {
  constructor(
    private readonly sessions: RoleSessions,
    private readonly readRolePolicies: ReadRolePolicies,
  ) {}

  /**
   * The role session that signed a request; undefined for an administrator's permanent key, which may do everything.
   * @throws {RefusedError} for temporary credentials that are unknown, expired or not whole.
   */
  sessionOf(signer: Signer): RoleSession | undefined {
    if (!signer.accessKeyId.startsWith("ASIA")) return undefined;
    const session = this.sessions.find(signer.accessKeyId);
    if (session === undefined) {
      throw new RefusedError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
    }
    if (session.sessionToken !== signer.sessionToken) {
      throw new RefusedError("InvalidToken", "The provided token is malformed or otherwise invalid.");
    }
    if (this.sessions.isExpired(session)) throw new RefusedError("ExpiredToken", "The provided token has expired.");
    return session;
  }

  /**
   * Checks that a session may do all that a request asks for.
   * @throws {RefusedError} for the first thing that it may not, or where the operation is not known.
   */
  async check(session: RoleSession, requests: readonly AccessRequest[] | undefined): Promise<void> {
    if (requests === undefined) {
      throw new RefusedError(
        "AccessDenied",
        "This operation is not known to the sandbox, which refuses it to sessions.",
      );
    }
    for (const request of requests) {
      const { allowed, reason } = await this.decide(session, request);
      if (!allowed) throw new RefusedError("AccessDenied", denial(session, request, reason));
    }
  }

  async decide(session: RoleSession, request: AccessRequest): Promise<Decision> {
    const role = await this.readRolePolicies(session.roleArn);
    if (role === undefined) return { allowed: false, reason: `the role ${session.roleArn} does not exist any more` };
    const target = request.action.startsWith("sts:") ? await this.readRolePolicies(request.resource) : undefined;
    return evaluate({
      ...request,
      principal: sessionArn(session),
      accountId: accountOf(session.roleArn),
      identityPolicies: role.identityPolicies,
      ...sessionPolicyOf(session),
      ...trustPolicyOf(request, target),
    });
  }
}

function sessionPolicyOf({ sessionPolicy }: RoleSession): { sessionPolicy?: unknown } {
  return sessionPolicy === undefined ? {} : { sessionPolicy: JSON.parse(sessionPolicy) };
}

const TRUSTS_NOBODY = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "*" }] };

function trustPolicyOf(request: AccessRequest, target: RolePolicies | undefined): { resourcePolicy?: unknown } {
  if (!request.action.startsWith("sts:")) return {};
  return { resourcePolicy: target?.trustPolicy ?? TRUSTS_NOBODY };
}

export function denial(session: RoleSession, { action, resource }: AccessRequest, reason: string): string {
  return `User: ${sessionArn(session)} is not authorized to perform: ${action} on resource: "${resource}" because ${reason}`;
}
