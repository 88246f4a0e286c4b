import { setTimeout as sleep } from "node:timers/promises";
import { AnswerError, InterruptedError } from "./errors";

/** How waits grow with the number of failures in a row. */
export interface Backoff {
  /** Milliseconds after the first failure. */
  readonly firstMs: number;
  readonly longestMs?: number;
  /** How much longer each wait is than the one before; twice by default. */
  readonly factor?: number;
  /** The wait is a random part of that, from the least to the most: many servers that fail together must not return together. */
  readonly spread: readonly [least: number, most: number];
}

/** Milliseconds to wait after so many failures in a row. */
export function backoffMs(backoff: Backoff, failures: number): number {
  const { firstMs, longestMs = Number.POSITIVE_INFINITY, factor = 2, spread } = backoff;
  const [least, most] = spread;
  return Math.min(longestMs, firstMs * factor ** Math.min(failures - 1, 20)) * (least + Math.random() * (most - least));
}

/** How long a wait that a service asks for (Retry-After) is respected, in milliseconds. */
export const LONGEST_RETRY_AFTER_MS = {
  /** Within one command: whoever called it may call again. */
  withinCommand: 5_000,
  /** Between one command and the next: however long the service asks for, a command then tries again. */
  betweenCommands: 60_000,
  /** In a service that renews by itself, where nobody waits. */
  inBackground: 3_600_000,
} as const;

/** Milliseconds that the service asked to wait before the next request; 0 where it asked for none. */
export function retryAfterMs(error: unknown): number {
  return error instanceof AnswerError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
}

/** How the client waits. Tests put a wait that takes no time in its place. */
export const clock = { sleep };

/** Waits; the signal ends the wait with an {@link InterruptedError}. */
export async function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await clock.sleep(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new InterruptedError();
  }
}
