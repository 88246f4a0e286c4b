import { setTimeout } from "node:timers/promises";
import { type Deadline, TimeLimitError, withTimeLimit } from "./deadline";
import { type Reason, VendingError } from "./errors";
import { UnusableAnswerError } from "./http-request";
import { DEPENDENCY_LIMIT_MS, type Dependency } from "./limits";

type AwsDependency = Exclude<Dependency, "jwks">;

/** Milliseconds before the second attempt, at most: callers who failed together don't come back together. */
const MAX_PAUSE_MS = 100;

/** Seconds that a caller is asked to wait: enough for a burst to pass, and for an outage not to be hammered. */
const RETRY_AFTER_SECONDS: Partial<Record<Reason, number>> = { dependency_throttled: 2, dependency_unavailable: 5 };

/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and DynamoDB's Programming.Errors. */
const THROTTLES = new Set([
  "LimitExceededException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequestsException",
]);

/**
 * What STS refuses of our own request: the role's entry is at fault, not STS. Packed with the session tags, a policy
 * within the limit of characters may still be too large. With and without the SDK's ending:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors
 */
const STS_REASONS: Readonly<Record<string, Reason>> = {
  AccessDenied: "role_not_assumable",
  PackedPolicyTooLarge: "session_policy_too_long",
  PackedPolicyTooLargeException: "session_policy_too_long",
  MalformedPolicyDocument: "session_policy_malformed",
  MalformedPolicyDocumentException: "session_policy_malformed",
};

/** Nothing of the dependency's own: counting it as its failure would call out the wrong people. */
const OUR_FAULTS: readonly Reason[] = ["session_policy_too_long", "session_policy_malformed"];

/** The parts of an AWS service's or a Node.js error that may be read; its message may hold ARNs and is never touched. */
interface CallError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string };
}

/**
 * Calls an AWS service within its time limit and what is left of the invocation's.
 * @throws {VendingError} throttled, temporarily_unavailable, or internal_error with the reason for the log.
 */
export async function awsCall<T>(
  dependency: AwsDependency,
  deadline: Deadline,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = Math.min(DEPENDENCY_LIMIT_MS[dependency], deadline.remainingMs());
  try {
    return await withTimeLimit(limit, (signal) => twice(dependency, signal, call));
  } catch (error) {
    const reason = reasonOf(dependency, error as CallError);
    const detail = {
      ...(!OUR_FAULTS.includes(reason) && { dependency }),
      ...safeDetail(error),
    };
    throw new VendingError(reason, detail, RETRY_AFTER_SECONDS[reason]);
  }
}

/** The second attempt is for a kept connection that has gone stale, and for what passes in a moment. */
async function twice<T>(
  dependency: AwsDependency,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await call(signal);
  } catch (error) {
    const reason = reasonOf(dependency, error as CallError);
    if (signal.aborted || RETRY_AFTER_SECONDS[reason] === undefined) throw error;
    await setTimeout(Math.random() * MAX_PAUSE_MS);
    if (signal.aborted) throw error;
    return await call(signal);
  }
}

function reasonOf(dependency: AwsDependency, error: CallError): Reason {
  const status = error.$metadata?.httpStatusCode;
  if (THROTTLES.has(String(error.name)) || status === 429) return "dependency_throttled";
  if (error instanceof UnusableAnswerError) return "dependency_unavailable";
  if (error instanceof TimeLimitError || (status !== undefined && (status >= 500 || status === 408))) {
    return "dependency_unavailable";
  }
  // No answer at all: Node.js gives system errors such as ECONNREFUSED a code.
  if (status === undefined && (error.name === "TimeoutError" || /^E[A-Z_]+$/.test(String(error.code)))) {
    return "dependency_unavailable";
  }
  return (dependency === "sts" && STS_REASONS[String(error.name)]) || "dependency_refused";
}

/** The error's name and AWS's request id, if they look like such: their texts come over the network. */
export function safeDetail(error: unknown) {
  const { name, $metadata } = (error ?? {}) as CallError;
  const word = (value: unknown) => (typeof value === "string" && /^[\w.-]{1,80}$/.test(value) ? value : undefined);
  return { aws_error: word(name), aws_status: $metadata?.httpStatusCode, aws_request_id: word($metadata?.requestId) };
}
