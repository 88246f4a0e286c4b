import { secretFingerprint } from "../../terminal/secret-fingerprint";
import { type AnswerError, RefusedError } from "../core/errors";
import type { Secret } from "../core/secret";
import { type HttpAnswer, sendRequest } from "../network/http";
import { answerDetail, jsonObject, unavailable, unexpectedAnswer, wordsOf } from "../network/service-answer";
import { settingPlace, tokenEndpointPlace } from "../settings/places";
import type { Settings } from "../settings/settings";
import type { AccessToken } from "./access-token";
import type { RequestOptions } from "./token";
import { instant, type VendedCredentials, type VendedValues, vendedFaults } from "./vended";

const SERVICE = "vending API";

export interface VendOptions extends RequestOptions {
  /** Seconds that the credentials shall live, 900–3600; the server's own maximum by default. */
  readonly durationSeconds?: number | undefined;
}

/**
 * One request that trades a token for credentials.
 * @throws {RefusedError} the API refused the token or the client.
 * @throws {UnavailableError} throttled, down, or not the API's answer.
 * @throws {UnreachableError} no answer.
 */
export async function vendCredentials(
  settings: Settings,
  token: AccessToken,
  { durationSeconds, ...options }: VendOptions = {},
): Promise<VendedCredentials> {
  const answer = await sendRequest({
    method: "POST",
    url: settings.credentialApiUrl,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({
      access_token: token.value.reveal(),
      // Tokens are cached by the secret that they were had by. It is noted for who rotates it, and decides nothing.
      secret_fingerprint: await secretFingerprint(settings.clientSecret.reveal()),
      ...(durationSeconds === undefined ? {} : { duration_seconds: durationSeconds }),
    }),
    network: settings.network,
    place: settingPlace(settings, "credentialApiUrl"),
    ...options,
  });
  const body = jsonObject(answer);
  if (answer.status !== 200) throw refusal(settings, answer, body, token.value);
  const found = body ? credentialsIn(body, answer.clockAheadSeconds) : "no JSON object in it";
  if (typeof found === "string")
    throw unexpectedAnswer(SERVICE, answer, settingPlace(settings, "credentialApiUrl"), found);
  return { ...found, clockAheadSeconds: answer.clockAheadSeconds ?? 0, scopes: token.scopes };
}

/** AssumeRole gives none that live longer: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const LONGEST_LIFE_SECONDS = 12 * 3600;

/** The credentials in an answer, or what is wrong with them. Whether they have expired is asked of the API's own clock. */
function credentialsIn(
  body: Readonly<Record<string, unknown>>,
  clockAheadSeconds = 0,
): Omit<VendedCredentials, "clockAheadSeconds" | "scopes"> | string {
  const fields: Readonly<Record<string, unknown>> = {
    ...(body.credentials as Record<string, unknown> | null | undefined),
    ...body,
  };
  const values = {
    accessKeyId: fields.access_key_id,
    secretAccessKey: fields.secret_access_key,
    sessionToken: fields.session_token,
    bucket: fields.s3_bucket,
    prefix: fields.s3_path_prefix,
    region: fields.aws_region,
  };
  const expiration = instant(fields.expiration);
  const life = expiration && (expiration.getTime() - Date.now()) / 1000 + clockAheadSeconds;
  const faults = vendedFaults(values);
  if (life === undefined) faults.push("no expiration in ISO 8601");
  else if (life <= 0) faults.push("the credentials have expired");
  // With a wrong date they would be taken from the cache long after AWS refused them.
  else if (life > LONGEST_LIFE_SECONDS + 60) faults.push("the credentials would live longer than any of AWS");
  if (expiration === undefined || faults.length > 0) return faults.join(", ");
  return { ...(values as VendedValues), expiration };
}

/** What to do about the API's refusals, by their codes. */
function remedies(settings: Settings): ReadonlyMap<string, string> {
  const api = settingPlace(settings, "credentialApiUrl");
  return new Map([
    [
      "invalid_token",
      `Check that ${tokenEndpointPlace(settings)} and ${api} are of the same environment, and this machine's clock`,
    ],
    [
      "insufficient_scope",
      "Ask only for scopes that this server was onboarded with; ask the platform team to check its s3_permissions",
    ],
    ["unknown_client", "Ask the platform team to onboard this server (servers.tfvars, then deploy the servers layer)"],
    [
      "client_disabled",
      "The platform team decided this: ask them, with the request's id. A daemon goes on asking, and notices by itself when it may again",
    ],
    ["invalid_request", `Check --duration (900 to 3600 seconds) and ${api}`],
  ]);
}

function refusal(
  settings: Settings,
  answer: HttpAnswer,
  body: Readonly<Record<string, unknown>> | undefined,
  token: Secret,
): AnswerError {
  const words = (value: unknown): string => (typeof value === "string" ? wordsOf(token.scrub(value)) : "");
  const requestId = words(body?.request_id) || undefined;
  const detail = answerDetail(SERVICE, answer, requestId);
  const code = words(body?.error);
  const sentence = words(body?.error_description);
  const reference = requestId === undefined ? "" : ` (request ${requestId})`;
  if (answer.status === 429) return unavailable(SERVICE, "throttled", `too many requests${reference}`, detail);
  if (answer.status >= 500) {
    return unavailable(
      SERVICE,
      code || "temporarily_unavailable",
      `${sentence || `it answered ${answer.status}`}${reference}`,
      detail,
    );
  }
  // API Gateway's own words for a path that it does not have.
  if (answer.status === 404 && body !== undefined && code === "") {
    return new RefusedError(`the vending API has nothing at this address (status 404)${reference}`, "not_found", {
      ...detail,
      remedy: `Correct ${settingPlace(settings, "credentialApiUrl")}, its path too; ask the platform team for this server's settings file`,
    });
  }
  if (code === "")
    return unexpectedAnswer(
      SERVICE,
      answer,
      `${settingPlace(settings, "credentialApiUrl")}, its path too`,
      "no error code of the API in it",
    );
  const clock = detail.clockAheadSeconds ?? 0;
  const skew =
    Math.abs(clock) > 30 ? `; this machine's clock is ${Math.abs(clock)} s ${clock > 0 ? "ahead" : "behind"}` : "";
  return new RefusedError(
    `the vending API refused (${code}): ${sentence || `status ${answer.status}`}${skew}${reference}`,
    code,
    {
      ...detail,
      remedy: remedies(settings).get(code) ?? "Ask the platform team, with the request's id",
    },
  );
}
