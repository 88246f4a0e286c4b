import { type AccessRequest, type Decision, evaluate } from "../../iam/evaluate";
import { RefusedError } from "./refusals";
import type { ReadRolePolicies, RolePolicies } from "./role-policies";
import type { Signer } from "./signer";

/** A session of a role: what temporary credentials stand for. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly sessionToken: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The session policy, as JSON: the session may do only what it allows too. */
  readonly sessionPolicy: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** What is known of who opened it, by the names that conditions and placeholders of policies use. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Remembers the sessions that the emulator's STS hands out: the emulator itself forgets their session policies. */
export class RoleSessions {
  private readonly sessions = new Map<string, RoleSession>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Records the session that a request to STS opened, if the answer holds credentials of a role. */
  remember(request: string, answer: string): void {
    const form = new URLSearchParams(request);
    const roleArn = form.get("RoleArn");
    const accessKeyId = element(answer, "AccessKeyId");
    const sessionToken = element(answer, "SessionToken");
    const expires = Date.parse(element(answer, "Expiration") ?? "");
    if (roleArn === null || accessKeyId === undefined || sessionToken === undefined || Number.isNaN(expires)) return;
    this.add({
      accessKeyId,
      sessionToken,
      roleArn,
      sessionName: form.get("RoleSessionName") ?? "",
      sessionPolicy: form.get("Policy") ?? undefined,
      expires,
      context: { "aws:TokenIssueTime": isoTime(this.now()), ...sessionTags(form) },
    });
  }

  add(session: RoleSession): void {
    this.forgetLongExpired();
    this.sessions.set(session.accessKeyId, session);
  }

  find(accessKeyId: string): RoleSession | undefined {
    return this.sessions.get(accessKeyId);
  }

  isExpired(session: RoleSession): boolean {
    return session.expires <= this.now();
  }

  /** Expired sessions stay known for one day, so that their users learn what is wrong. */
  private forgetLongExpired(): void {
    for (const [key, { expires }] of this.sessions) {
      if (expires < this.now() - 86_400_000) this.sessions.delete(key);
      else break;
    }
  }
}

/** The ARN by which policies know the session. */
function sessionArn({ roleArn, sessionName }: RoleSession): string {
  const [, partition, , , account, resource = ""] = roleArn.split(":");
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split("/").at(-1)}/${sessionName}`;
}

export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]+?)\\s*</${name}>`).exec(xml)?.[1];
}

/** Decides for role sessions what the emulator does not check: session policies, conditions, trust, expiry. */
export class Authorizer {
  constructor(
    private readonly sessions: RoleSessions,
    private readonly readRolePolicies: ReadRolePolicies,
  ) {}

  /**
   * The role session that signed a request; undefined for an administrator's permanent key, which may do everything.
   * @throws {RefusedError} for temporary credentials that are unknown, expired or incomplete.
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
   * @throws {RefusedError} for the first thing that is not allowed, or for an unknown operation.
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
    if (role === undefined) return { allowed: false, reason: `the role ${session.roleArn} no longer exists` };
    const target = request.action.startsWith("sts:") ? await this.readRolePolicies(request.resource) : undefined;
    return evaluate({
      ...request,
      context: { ...session.context, ...request.context, ...tagsOf(target) },
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

/** Seconds are all that AWS tells. */
function isoTime(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, -".000Z".length)}Z`;
}

/** The tags that a request to STS puts on its session, as conditions name them. */
function sessionTags(form: URLSearchParams): Record<string, string> {
  return Object.fromEntries(
    [...form].flatMap(([name, key]) => {
      const member = /^(Tags\.member\.\d+)\.Key$/.exec(name)?.[1];
      return member === undefined ? [] : [[`aws:PrincipalTag/${key}`, form.get(`${member}.Value`) ?? ""]];
    }),
  );
}

/** The tags of a role that is to be assumed, as conditions name them. */
function tagsOf(target: RolePolicies | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(target?.tags ?? {}).map(([key, value]) => [`iam:ResourceTag/${key}`, value]),
  );
}

const TRUSTS_NOBODY = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "*" }] };

function trustPolicyOf(request: AccessRequest, target: RolePolicies | undefined): { resourcePolicy?: unknown } {
  if (!request.action.startsWith("sts:")) return {};
  return { resourcePolicy: target?.trustPolicy ?? TRUSTS_NOBODY };
}

export function denial(session: RoleSession, { action, resource }: AccessRequest, reason: string): string {
  return `User: ${sessionArn(session)} is not authorized to perform: ${action} on resource: "${resource}" because ${reason}`;
}
