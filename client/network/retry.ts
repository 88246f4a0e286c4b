import { setTimeout as sleep } from "node:timers/promises";
import { InterruptedError, UnavailableError, UnreachableError } from "../core/errors";

const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 250;
/** A service that wants a longer pause is not waited for within one command: whoever called may come again. */
const LONGEST_PAUSE_MS = 5_000;

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
      const pause = pauseMs(error, tried);
      if (pause === undefined || tried === ATTEMPTS || performance.now() - began + pause > deadlineMs) throw error;
      await pauseFor(pause, signal);
    }
  }
}

/** Milliseconds to wait before the next try; undefined where there is none. */
function pauseMs(error: unknown, tried: number): number | undefined {
  const mayPass =
    error instanceof UnavailableError
      ? error.code !== "unexpected_answer"
      : error instanceof UnreachableError && passes(error);
  if (!mayPass) return undefined;
  const asked = error instanceof UnavailableError ? error.retryAfterSeconds : undefined;
  // Half of the pause is random: many servers that failed together must not come back together.
  const pause = FIRST_PAUSE_MS * 2 ** (tried - 1) * (0.5 + Math.random());
  if (asked === undefined) return pause;
  return asked * 1000 <= LONGEST_PAUSE_MS ? asked * 1000 + pause : undefined;
}

function passes({ fault, cause }: UnreachableError): boolean {
  if (fault === "dns") return (cause as NodeJS.ErrnoException | undefined)?.code !== "ENOTFOUND";
  return fault !== "tls" && fault !== "proxy";
}

/** Waits; the signal ends the wait with an {@link InterruptedError}. */
export async function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new InterruptedError();
  }
}
