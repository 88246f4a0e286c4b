import { type AnswerError, RefusedError } from "../../core/errors";
import { Secret } from "../../core/secret";
import { type AwsKeys, instant, keyFaults } from "../../credentials/vended";
import { type HttpAnswer, sendRequest } from "../../network/http";
import { answerDetail, unavailable, unexpectedAnswer, withRetries, wordsOf } from "../../network/service-answer";
import type { UserSettings } from "../settings/user-settings";
import type { IssuedCredentials } from "./identity";
import type { OperationOptions } from "./operation";

const SERVICE = "security token service";

export interface WebIdentity {
  readonly roleArn: string;
  /** For CloudTrail. The caller chooses it, so it proves nothing; the identity id in the token does. */
  readonly sessionName: string;
  /** Of the identity pool. */
  readonly token: string;
  readonly durationSeconds: number;
}

/**
 * Credentials of a role for up to twelve hours, by AssumeRoleWithWebIdentity, which takes no signature: the second half
 * of the basic flow.
 * @throws {RefusedError} the role does not trust this person, or not for so long.
 */
export function assumeRoleWithWebIdentity(
  settings: UserSettings,
  identity: WebIdentity,
  { signal, retry, timeoutMs }: OperationOptions = {},
): Promise<IssuedCredentials> {
  const token = new Secret(identity.token);
  const form = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: identity.roleArn,
    RoleSessionName: identity.sessionName,
    WebIdentityToken: token.reveal(),
    DurationSeconds: String(identity.durationSeconds),
  });
  const attempt = async (): Promise<IssuedCredentials> => {
    const answer = await sendRequest({
      method: "POST",
      url: settings.endpoints.sts,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8", accept: "application/xml" },
      body: form.toString(),
      network: settings.network,
      place: settings.source,
      timeoutMs,
      signal,
    });
    if (answer.status !== 200) throw refusal(settings, answer, token, identity);
    const keys = {
      accessKeyId: element(answer, "AccessKeyId"),
      secretAccessKey: element(answer, "SecretAccessKey"),
      sessionToken: element(answer, "SessionToken"),
    };
    const expiration = instant(element(answer, "Expiration"));
    const faults = [...keyFaults(keys), ...(expiration === undefined ? ["no expiration"] : [])];
    if (expiration === undefined || faults.length > 0)
      throw unexpectedAnswer(SERVICE, answer, settings.source, faults.join(", "));
    return { ...(keys as AwsKeys), expiration, clockAheadSeconds: answer.clockAheadSeconds ?? 0 };
  };
  return retry === undefined ? attempt() : withRetries(attempt, { ...retry, signal });
}

/** The text of an element that occurs once in STS's flat answers; values that matter are checked by their form. */
function element({ body }: HttpAnswer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1]?.trim();
}

function refusal(
  settings: UserSettings,
  answer: HttpAnswer,
  token: Secret,
  { roleArn, durationSeconds }: WebIdentity,
): AnswerError {
  const requestId = wordsOf(element(answer, "RequestId") ?? "") || undefined;
  const detail = answerDetail(SERVICE, answer, requestId);
  const code = wordsOf(element(answer, "Code") ?? "");
  const words = wordsOf(token.scrub(element(answer, "Message") ?? ""));
  if (answer.status >= 500 || answer.status === 429 || code === "Throttling" || code === "IDPCommunicationError")
    return unavailable(SERVICE, code || "unavailable", words || `it answered ${answer.status}`, detail);
  if (code === "") return unexpectedAnswer(SERVICE, answer, settings.source, "no error of AWS in it");
  if (/DurationSeconds/i.test(words)) {
    return new RefusedError(`AWS gives ${roleArn} for less than ${durationSeconds / 3600} hours: ${words}`, code, {
      ...detail,
      remedy: "Ask for fewer hours, or for a longer session_duration in users.tfvars",
    });
  }
  return new RefusedError(`AWS does not let this user take ${roleArn} (${code}): ${words}`, code, {
    ...detail,
    remedy: "Leave --duration out for credentials that live an hour, or ask an administrator whom the role trusts",
  });
}
