import { createAwsPost } from "./aws-service";
import { UnusableAnswerError } from "./http-request";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface AssumeRoleInput {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds: number;
  readonly Policy: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

/** What STS gives, as far as the answer holds it. */
export interface StsCredentials {
  readonly AccessKeyId: string | undefined;
  readonly SecretAccessKey: string | undefined;
  readonly SessionToken: string | undefined;
  readonly Expiration: Date | undefined;
  /** How much of what it allows session policy and tags take, in percent. */
  readonly PackedPolicySize?: number | undefined;
}

export type StsAssumeRole = (input: AssumeRoleInput, signal: AbortSignal) => Promise<StsCredentials>;

const HEADERS = { "content-type": "application/x-www-form-urlencoded" };

/**
 * Makes the function that assumes a role.
 * @throws {AwsServiceError} for an error of STS, {UnusableAnswerError} for an answer that was cut short.
 */
export function createStsAssumeRole(region: string, attemptMs: number): StsAssumeRole {
  const post = createAwsPost({ service: "sts", region, attemptMs, errorCode: ({ text }) => element(text, "Code") });
  return async ({ Tags, DurationSeconds, ...input }, signal) => {
    const form = new URLSearchParams({
      Action: "AssumeRole",
      Version: "2011-06-15",
      ...input,
      DurationSeconds: String(DurationSeconds),
    });
    Tags.forEach(({ Key, Value }, index) => {
      form.set(`Tags.member.${index + 1}.Key`, Key);
      form.set(`Tags.member.${index + 1}.Value`, Value);
    });
    const { text } = await post(HEADERS, form.toString(), signal);
    if (text.includes("<AssumeRoleResponse") && !text.includes("</AssumeRoleResponse>")) {
      throw new UnusableAnswerError("cut short");
    }
    const expiration = element(text, "Expiration");
    const packed = element(text, "PackedPolicySize");
    return {
      AccessKeyId: element(text, "AccessKeyId"),
      SecretAccessKey: element(text, "SecretAccessKey"),
      SessionToken: element(text, "SessionToken"),
      Expiration: expiration === undefined ? undefined : new Date(expiration),
      PackedPolicySize: packed !== undefined && /^\d{1,3}$/.test(packed) ? Number(packed) : undefined,
    };
  };
}

/** The text of an element that has no attributes. What we read of STS needs no escaping: text with any is none of it. */
function element(xml: string, name: string): string | undefined {
  const start = xml.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const from = start + name.length + 2;
  const text = xml.slice(from, xml.indexOf("<", from));
  return xml.startsWith(`</${name}>`, from + text.length) && !text.includes("&") ? text : undefined;
}
