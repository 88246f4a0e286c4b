/** A session of a role: what temporary credentials stand for. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly sessionToken: string;
  readonly roleArn: string;
  readonly sessionName: string;
  /** The session policies, as JSON; a session may do only what each of them allows too. */
  readonly sessionPolicy: string | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Remembers the sessions that the emulator's STS hands out: the emulator itself forgets their session policies. */
export class RoleSessions {
  private readonly sessions = new Map<string, RoleSession>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Takes a session over from a request to STS and its answer, if the answer has credentials of a role in it. */
  remember(request: string, answer: string): void {
    const form = new URLSearchParams(request);
    const roleArn = form.get("RoleArn");
    const accessKeyId = element(answer, "AccessKeyId");
    const sessionToken = element(answer, "SessionToken");
    const expires = Date.parse(element(answer, "Expiration") ?? "");
    if (roleArn === null || accessKeyId === undefined || sessionToken === undefined || Number.isNaN(expires)) return;
    this.forgetLongExpired();
    this.sessions.set(accessKeyId, {
      accessKeyId,
      sessionToken,
      roleArn,
      sessionName: form.get("RoleSessionName") ?? "",
      sessionPolicy: form.get("Policy") ?? undefined,
      expires,
    });
  }

  find(accessKeyId: string): RoleSession | undefined {
    return this.sessions.get(accessKeyId);
  }

  isExpired(session: RoleSession): boolean {
    return session.expires <= this.now();
  }

  /** Expired sessions stay known for a day, so that their users are told what is wrong, and no longer. */
  private forgetLongExpired(): void {
    for (const [key, { expires }] of this.sessions) {
      if (expires < this.now() - 86_400_000) this.sessions.delete(key);
      else break;
    }
  }
}

/** The ARN by which policies know the session. */
export function sessionArn({ roleArn, sessionName }: RoleSession): string {
  const [, partition, , , account, resource = ""] = roleArn.split(":");
  return `arn:${partition}:sts::${account}:assumed-role/${resource.split("/").at(-1)}/${sessionName}`;
}

export function accountOf(arn: string): string {
  return arn.split(":")[4] ?? "";
}

function element(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>\\s*([^<]+?)\\s*</${name}>`).exec(xml)?.[1];
}
