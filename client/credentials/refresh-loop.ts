import { type Backoff, backoffMs, LONGEST_RETRY_AFTER_MS, pauseFor, retryAfterMs } from "../core/backoff";
import { ClientError, InterruptedError } from "../core/errors";
import type { Settings } from "../settings/settings";
import { remainingSeconds } from "./cache";
import { getCredentials } from "./credentials";
import { type CredentialOptions, RENEW_BELOW_SECONDS } from "./request";
import type { VendedCredentials } from "./vended";

/** The clock is checked this often: a timer of forty minutes does not notice that the machine slept or its clock was set. */
const LONGEST_SLEEP_MS = 60_000;
const SHORTEST_SLEEP_MS = 60_000;
/** The longest pause is a part of what is left after an outage of twenty minutes, which is to harm nobody. */
export const BETWEEN_RENEWALS: Backoff = { firstMs: 1_000, longestMs: 120_000, spread: [0.5, 1] };

export interface RefreshLoop {
  /** Called for each renewal, so that a rotated secret needs no restart. */
  readonly settings: () => Settings;
  readonly options: Omit<CredentialOptions, "minRemainingSeconds" | "signal">;
  readonly signal: AbortSignal;
  /** Called with new credentials; what it throws counts as a failed renewal, and it is called with the same ones again. */
  readonly onCredentials: (credentials: VendedCredentials) => void;
  /** Called after a failed renewal, with the number of milliseconds until the next one. */
  readonly onFailure: (error: ClientError, waitMs: number) => void;
  /** Called at each wait with a function that ends that wait early. */
  readonly onWake?: (wake: () => void) => void;
}

/**
 * Keeps credentials that are always good for a while: renews them when half of their life is left, so that an
 * outage of twenty minutes harms nobody (`npm run bench fleet`), nor programs that look again only after some time.
 * Only the signal ends it, with an {@link InterruptedError}.
 */
export async function refreshCredentials(loop: RefreshLoop): Promise<never> {
  let renewBelow = RENEW_BELOW_SECONDS;
  let failures = 0;
  let given: VendedCredentials | undefined;
  for (;;) {
    try {
      let reason: ClientError | undefined;
      const credentials = await getCredentials(loop.settings(), {
        ...loop.options,
        signal: loop.signal,
        minRemainingSeconds: renewBelow,
        ownPace: true,
        onStale: (error) => {
          reason = error;
        },
      });
      if (credentials.accessKeyId !== given?.accessKeyId) {
        loop.onCredentials(credentials);
        given = credentials;
      }
      if (reason) throw reason;
      failures = 0;
      renewBelow = Math.max(RENEW_BELOW_SECONDS, Math.min(1800, remainingSeconds(credentials) / 2));
      const renewAt = renewalMark(renewBelow);
      // With a wrong clock, fresh credentials may look expired: that is no reason to ask without pause.
      const notBefore = Date.now() + SHORTEST_SLEEP_MS;
      await sleepWhile(loop, () =>
        Math.max((remainingSeconds(credentials) - renewAt) * 1000, Math.min(SHORTEST_SLEEP_MS, notBefore - Date.now())),
      );
    } catch (error) {
      if (error instanceof InterruptedError || !(error instanceof ClientError)) throw error;
      const wait =
        Math.min(retryAfterMs(error), LONGEST_RETRY_AFTER_MS.inBackground) + backoffMs(BETWEEN_RENEWALS, ++failures);
      loop.onFailure(error, wait);
      const until = Date.now() + wait;
      await sleepWhile(loop, () => Math.min(wait, until - Date.now()));
    }
  }
}

/** Seconds of life left at which credentials are renewed: servers that were started together should not renew together. */
export function renewalMark(renewBelow: number): number {
  return renewBelow * (1 - Math.random() / 10);
}

async function sleepWhile({ signal, onWake }: RefreshLoop, leftMs: () => number): Promise<void> {
  const woken = new AbortController();
  onWake?.(() => woken.abort());
  const either = AbortSignal.any([signal, woken.signal]);
  for (let left = leftMs(); left > 0 && !woken.signal.aborted; left = leftMs()) {
    await pauseFor(Math.min(left, LONGEST_SLEEP_MS), either).catch((error: unknown) => {
      if (!woken.signal.aborted || signal.aborted) throw error;
    });
  }
}
