import { escapeXml } from "../aws/refusals";
import type { ServiceAnswer } from "../aws/service-front";
import type { OpenIdTokens } from "./open-id-tokens";
import type { Issued, RoleSessionIssuer } from "./role-sessions";

const SHORTEST_SECONDS = 900;
const DEFAULT_SECONDS = 3600;
const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
const REQUEST_ID = "<RequestId>00000000-0000-0000-0000-000000000000</RequestId>";

/**
 * STS's AssumeRoleWithWebIdentity, the last step of the basic flow: here the caller names the role, so that its trust
 * policy is all that stands between anybody who can sign in and that role.
 */
export class WebIdentitySessions {
  constructor(
    private readonly tokens: OpenIdTokens,
    private readonly sessions: RoleSessionIssuer,
  ) {}

  async assume(form: URLSearchParams): Promise<ServiceAnswer> {
    const roleArn = form.get("RoleArn") ?? "";
    const sessionName = form.get("RoleSessionName") ?? "";
    const seconds = Number(form.get("DurationSeconds") ?? DEFAULT_SECONDS);
    if (!/^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/.test(roleArn)) {
      return refusal("ValidationError", `${roleArn} is invalid`);
    }
    if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
      return refusal("ValidationError", constraint("roleSessionName", sessionName, "[\\w+=,.@-]{2,64}"));
    }
    if (!Number.isInteger(seconds) || seconds < SHORTEST_SECONDS || seconds > 43_200) {
      return refusal("ValidationError", constraint("durationSeconds", String(seconds), "900 to 43200"));
    }
    const who = this.tokens.read(form.get("WebIdentityToken") ?? "");
    if (who === "invalid") {
      return refusal(
        "InvalidIdentityToken",
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
      );
    }
    if (who === "expired") return refusal("ExpiredTokenException", "Token expired: it was valid for ten minutes");
    const policy = form.get("Policy");
    const longest = await this.sessions.longestSeconds(roleArn);
    if (longest !== undefined && seconds > longest) {
      return refusal(
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      );
    }
    const request = { roleArn, sessionName, seconds, ...(policy === null ? {} : { policy }) };
    const issued = longest === undefined ? "untrusted" : await this.sessions.assume(who, request);
    if (issued === "untrusted") {
      return refusal("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403);
    }
    return { status: 200, body: document(issued, who.sub, who.aud) };
  }
}

function refusal(code: string, message: string, status = 400): ServiceAnswer {
  const error = elements({ Type: "Sender", Code: code, Message: message });
  return { status, body: `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error>${REQUEST_ID}</ErrorResponse>` };
}

function constraint(name: string, value: string, wanted: string): string {
  return `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy ${wanted}`;
}

function document(issued: Issued, subject: string, audience: string): string {
  const { accessKeyId, secretAccessKey, sessionToken, expires, assumedRoleId, assumedRoleArn } = issued;
  const credentials = {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: new Date(expires).toISOString().replace(/\.\d+/, ""),
  };
  const result = [
    elements({ SubjectFromWebIdentityToken: subject, Audience: audience, Provider: "cognito-identity.amazonaws.com" }),
    `<AssumedRoleUser>${elements({ AssumedRoleId: assumedRoleId, Arn: assumedRoleArn })}</AssumedRoleUser>`,
    `<Credentials>${elements(credentials)}</Credentials>`,
  ].join("");
  const name = "AssumeRoleWithWebIdentity";
  return `<${name}Response xmlns="${NAMESPACE}"><${name}Result>${result}</${name}Result><ResponseMetadata>${REQUEST_ID}</ResponseMetadata></${name}Response>`;
}

function elements(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");
}
