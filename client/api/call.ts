import { STATUS_CODES } from "node:http";
import { type ClientError, RefusedError } from "../core/errors";
import { type AccessToken, scopeClaim } from "../credentials/access-token";
import { cachedAccessToken, newAccessToken } from "../credentials/tokens";
import { type HttpAnswer, sendRequest } from "../network/http";
import { answerDetail, unavailable, wordsOf } from "../network/service-answer";
import type { TokenSettings } from "../settings/settings";
import type { CallRequest } from "./call-request";

/** Larger answers are for programs that stream them, with `token --header`. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const SERVICE = "API";

export interface CallOptions {
  readonly scopes: readonly string[] | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly report: (message: string) => void;
}

export interface Called {
  readonly answer: HttpAnswer;
  /** What it was answered to. */
  readonly token: AccessToken;
}

/**
 * Sends one request with the client's access token. A token from the cache may be refused before it expires: scopes
 * are granted, keys are rotated. So a 401 to one is answered by a fresh token, once; the API has done nothing by then,
 * whatever the method. Nothing else is sent again.
 * @throws {UnreachableError} where there was no answer.
 */
export async function call(settings: TokenSettings, request: CallRequest, options: CallOptions): Promise<Called> {
  const { scopes, signal, report } = options;
  const send = (token: AccessToken) => sendWith(settings, request, token, options);
  const cached = cachedAccessToken(settings, scopes);
  if (cached) {
    const called = await send(cached);
    if (called.answer.status !== 401) return called;
  }
  return send(await newAccessToken(settings, { scopes, instead: cached, signal, report }));
}

async function sendWith(
  { network }: TokenSettings,
  { method, url, headers, body }: CallRequest,
  token: AccessToken,
  { timeoutMs, signal }: CallOptions,
): Promise<Called> {
  const authorization = `Bearer ${token.value.reveal()}`;
  const answer = await sendRequest({
    method,
    url,
    headers: { accept: "*/*", ...headers, authorization },
    body,
    network,
    place: "the URL",
    timeoutMs,
    signal,
    maxAnswerBytes: MAX_ANSWER_BYTES,
  });
  return { answer, token };
}

/** What the status of an answer means for whoever called; undefined where it is a success. */
export function callFault({ answer, token }: Called): ClientError | undefined {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return undefined;
  const words = (text: string | string[] | undefined): string => wordsOf(token.value.scrub(String(text ?? "")));
  const requestId = words(headers["x-amzn-requestid"] ?? headers["apigw-requestid"]) || undefined;
  const detail = answerDetail(SERVICE, answer, requestId);
  const says = statusOf(answer) + (requestId ? ` (request ${requestId})` : "");
  if (status === 429) return unavailable(SERVICE, "throttled", `it answered ${says}`, detail);
  if (status === 408 || status >= 500)
    return unavailable(SERVICE, "temporarily_unavailable", `it answered ${says}`, detail);
  if (status < 400 && headers.location !== undefined) {
    return new RefusedError(`the API answered ${says} and names ${words(headers.location)} instead`, "redirect", {
      ...detail,
      remedy: "It was not followed, since the token would go with it: call that URL, if it is the API's own",
    });
  }
  return new RefusedError(`the API answered ${says}`, `http_${status}`, { ...detail, remedy: remedy(status, token) });
}

function statusOf({ status }: HttpAnswer): string {
  return `${status} ${STATUS_CODES[status] ?? ""}`.trim();
}

/** The status and the headers of an answer, a line each. */
export function headOf(answer: HttpAnswer): string {
  const headers = Object.entries(answer.headers);
  const lines = headers.flatMap(([name, values]) => [values ?? []].flat().map((value) => `${name}: ${value}`));
  return [statusOf(answer), ...lines].join("\n");
}

function remedy(status: number, { value }: AccessToken): string {
  const scope = scopeClaim(value);
  const token = scope === undefined ? "whether it takes this client's tokens" : `whether ${wordsOf(scope)} is enough`;
  switch (status) {
    case 401:
      return `Check that API and token endpoint are of the same environment, and ${token}: the API wants another scope, perhaps`;
    case 403:
      return `Check path, stage and method of the URL, since API Gateway says 403 where it has no such route, and ${token}`;
    default:
      return "Check the URL, the method and the data; what the API says of it is on the standard output";
  }
}
