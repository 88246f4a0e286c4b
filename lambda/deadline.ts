import { ANSWER_RESERVE_MS } from "./limits";

/** The time that is left for dependencies in one invocation. */
export interface Deadline {
  /** Milliseconds until an answer must be on its way; 0 when it is due now. */
  remainingMs(): number;
}

/** @param remainingTimeMs the runtime's `context.getRemainingTimeInMillis`. */
export function deadlineOf(remainingTimeMs: () => number): Deadline {
  return { remainingMs: () => Math.max(0, remainingTimeMs() - ANSWER_RESERVE_MS) };
}

/** A call that took longer than it may. */
export class TimeLimitError extends Error {
  override readonly name = "TimeLimitError";
}

/**
 * Runs a call for at most so many milliseconds. The signal asks the call to end; the caller goes on without it even if
 * it does not listen.
 * @throws {TimeLimitError} when the time is over.
 */
export async function withTimeLimit<T>(milliseconds: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timeOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      // Rejected before the call is aborted, or its own abort error would come first.
      reject(new TimeLimitError(`no answer within ${milliseconds} ms`));
      controller.abort();
    }, milliseconds);
  });
  const result = call(controller.signal);
  // Prevents an unhandled rejection; the race still sees it.
  result.catch(() => {});
  try {
    return await Promise.race([result, timeOver]);
  } finally {
    clearTimeout(timer);
  }
}
