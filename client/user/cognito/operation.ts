import { type AnswerError, RefusedError } from "../../core/errors";
import { Secret } from "../../core/secret";
import { type HttpAnswer, sendRequest } from "../../network/http";
import {
  answerDetail,
  jsonObject,
  type RetryOptions,
  unavailable,
  unexpectedAnswer,
  withRetries,
  wordsOf,
} from "../../network/service-answer";
import type { Json } from "../../settings/terraform-outputs";
import type { UserSettings } from "../settings/user-settings";
import { type Occasion, refusalWords } from "./refusals";

const SERVICES = {
  cognito_idp: { name: "user pool", target: "AWSCognitoIdentityProviderService" },
  cognito_identity: { name: "identity pool", target: "AWSCognitoIdentityService" },
} as const;

export interface Operation {
  readonly service: keyof typeof SERVICES;
  readonly name: string;
  /** What is secret in it is a {@link Secret}, at any depth: it is sent, and taken out of whatever the service says. */
  readonly input: Json;
  /** What a refusal means to a person. */
  readonly occasion: Occasion;
}

export interface OperationOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long it is tried again where it failed for a reason that may pass; not at all by default. */
  readonly retry?: Pick<RetryOptions, "deadlineMs">;
  readonly timeoutMs?: number | undefined;
}

/** The object that an operation answers with, and how far this machine's clock is ahead of the service's. */
export interface OperationAnswer {
  readonly output: Json;
  readonly clockAheadSeconds: number;
}

/**
 * One operation of Cognito that takes no signature, over its JSON protocol.
 * @throws {RefusedError} it was refused.
 * @throws {UnavailableError} throttled, down, or not Cognito's answer.
 * @throws {UnreachableError} no answer.
 */
export function callCognito(
  settings: UserSettings,
  operation: Operation,
  { signal, retry, timeoutMs }: OperationOptions = {},
): Promise<OperationAnswer> {
  const { name, target } = SERVICES[operation.service];
  const secrets: Secret[] = [];
  const body = JSON.stringify(operation.input, function (this: Json, key: string, value: unknown): unknown {
    // JSON.stringify has asked the secret for its JSON before, which is not what is sent.
    const original = this[key];
    if (!(original instanceof Secret)) return value;
    secrets.push(original);
    return original.reveal();
  });
  const attempt = async (): Promise<OperationAnswer> => {
    const answer = await sendRequest({
      method: "POST",
      url: settings.endpoints[operation.service],
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `${target}.${operation.name}`,
        // An answer must not come from a cache on the way.
        "cache-control": "no-store",
      },
      body,
      network: settings.network,
      place: settings.source,
      timeoutMs,
      signal,
    });
    const output = jsonObject(answer);
    if (answer.status !== 200) throw refusal(settings, operation, answer, output, secrets);
    if (output === undefined) throw unexpectedAnswer(name, answer, settings.source, "no JSON object in it");
    return { output, clockAheadSeconds: answer.clockAheadSeconds ?? 0 };
  };
  return retry === undefined ? attempt() : withRetries(attempt, { ...retry, signal });
}

/** The service's answer lacks what it always has. */
export function lacking(settings: UserSettings, { service, name }: Pick<Operation, "service" | "name">, what: string) {
  return new RefusedError(`the ${SERVICES[service].name} answered ${name} without ${what}`, "unexpected_answer", {
    service: SERVICES[service].name,
    status: 200,
    remedy: `Check ${settings.source}`,
  });
}

/** Codes of refusals that pass by themselves. */
const PASSING = new Set([
  "TooManyRequestsException",
  "ThrottlingException",
  "InternalErrorException",
  "ServiceUnavailableException",
  "ConcurrentModificationException",
]);

function refusal(
  settings: UserSettings,
  { service, occasion }: Operation,
  answer: HttpAnswer,
  body: Json | undefined,
  secrets: readonly Secret[],
): AnswerError {
  const { name } = SERVICES[service];
  const header = answer.headers["x-amzn-requestid"];
  const requestId = typeof header === "string" ? wordsOf(header) : undefined;
  const detail = answerDetail(name, answer, requestId);
  const code = errorCode(answer, body);
  const said = body?.message ?? body?.Message;
  const words = wordsOf(secrets.reduce((text, secret) => secret.scrub(text), typeof said === "string" ? said : ""));
  if (answer.status >= 500 || answer.status === 429 || PASSING.has(code))
    return unavailable(name, code || "unavailable", words || `it answered ${answer.status}`, detail);
  if (code === "") return unexpectedAnswer(name, answer, settings.source, "no error of Cognito in it");
  const { message, remedy } = refusalWords({ code, words, occasion, settings, service: name });
  return new RefusedError(message, code, { ...detail, remedy });
}

/** The name of the exception, which comes with a namespace before it or an address behind it. */
function errorCode(answer: HttpAnswer, body: Json | undefined): string {
  const header = answer.headers["x-amzn-errortype"];
  const type = typeof body?.__type === "string" ? body.__type : typeof header === "string" ? header : "";
  return /([A-Za-z]{1,80})(?::.*)?$/.exec(type)?.[1] ?? "";
}
