import { type Backoff, backoffMs, LONGEST_RETRY_AFTER_MS, pauseFor, retryAfterMs } from "../core/backoff";
import { type AnswerDetail, type Service, UnavailableError, UnreachableError } from "../core/errors";
import { printable } from "../core/terminal";
import type { HttpAnswer } from "./http";

/** The JSON object that an answer holds; undefined where it holds something else. */
export function jsonObject(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(answer.body);
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** What every fault of an answer carries. */
export function answerDetail(service: Service, answer: HttpAnswer, requestId?: string): Omit<AnswerDetail, "remedy"> {
  return {
    service,
    status: answer.status,
    requestId,
    retryAfterSeconds: retryAfterSeconds(answer.headers["retry-after"]),
    clockAheadSeconds: answer.clockAheadSeconds,
  };
}

/** The service cannot serve now: it throttles or has a fault of its own. */
export function unavailable(service: Service, code: string, sentence: string, detail: AnswerDetail): UnavailableError {
  const wait = detail.retryAfterSeconds === undefined ? "later" : `in ${detail.retryAfterSeconds} s`;
  return new UnavailableError(`the ${service} cannot serve now: ${sentence}`, code, {
    ...detail,
    remedy: `Try again ${wait}`,
  });
}

/** An answer that the service itself would not give: something between here and there, or another address. */
export function unexpectedAnswer(
  service: Service,
  answer: HttpAnswer,
  settings: string,
  fault: string,
): UnavailableError {
  const type = wordsOf(answer.headers["content-type"]?.split(";")[0] ?? "no content type");
  return new UnavailableError(
    `the ${service} gave an answer that is not its own: ${fault} (status ${answer.status}, ${type}, ${answer.body.length} characters)`,
    "unexpected_answer",
    {
      ...answerDetail(service, answer),
      remedy: `Check ${settings}; a proxy or a sign-in page of the network may also have answered in its place`,
    },
  );
}

const LONGEST_WORDS = 500;

/** What a service says of itself, fit to be shown. */
export function wordsOf(text: string): string {
  return printable(text, LONGEST_WORDS);
}

/** Seconds to wait by a Retry-After header, which is a number or a date (RFC 9110, section 10.2.3). */
export function retryAfterSeconds(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1000));
}

/** How often a request is sent in all, and the pauses between. */
export const ATTEMPTS = 3;
export const BETWEEN_ATTEMPTS: Backoff = { firstMs: 250, spread: [0.5, 1.5] };

export interface RetryOptions {
  /** Milliseconds after which nothing is tried again. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `attempt` again, a few times and with pauses, where it failed for a reason that may pass by itself. */
export async function withRetries<T>(attempt: () => Promise<T>, { deadlineMs, signal }: RetryOptions): Promise<T> {
  const began = performance.now();
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      const asked = retryAfterMs(error);
      if (tried === ATTEMPTS || !mayPass(error) || asked > LONGEST_RETRY_AFTER_MS.withinCommand) throw error;
      const pause = asked + backoffMs(BETWEEN_ATTEMPTS, tried);
      if (performance.now() - began + pause > deadlineMs) throw error;
      await pauseFor(pause, signal);
    }
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof UnavailableError) return error.code !== "unexpected_answer";
  if (!(error instanceof UnreachableError)) return false;
  const { fault, cause } = error;
  if (fault === "dns") return (cause as NodeJS.ErrnoException | undefined)?.code !== "ENOTFOUND";
  return fault !== "tls" && fault !== "proxy";
}
