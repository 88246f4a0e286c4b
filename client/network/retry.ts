import { type Backoff, backoffMs, LONGEST_RETRY_AFTER_MS, pauseFor, retryAfterMs } from "../core/backoff";
import { UnavailableError, UnreachableError } from "../core/errors";

const ATTEMPTS = 3;
const BACKOFF: Backoff = { firstMs: 250, spread: [0.5, 1.5] };

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
      const pause = asked + backoffMs(BACKOFF, tried);
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
