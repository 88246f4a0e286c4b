import { ClientError, InterruptedError, LocalError, RefusedError } from "../core/errors";
import { withRetries } from "../network/service-answer";
import type { Settings } from "../settings/settings";
import type { AccessToken } from "./access-token";
import {
  credentialsKey,
  dropCachedToken,
  keepInCache,
  prepareCacheFolder,
  readCachedCredentials,
  readCachedToken,
  remainingSeconds,
  sweepCacheFolder,
  tokenKey,
  writeCachedCredentials,
} from "./cache";
import { type CredentialOptions, oauthScopes, RENEW_BELOW_SECONDS } from "./request";
import { respectEarlierFailure, singleFlight } from "./single-flight";
import { askForToken, PATIENT, type Pace, renewToken, type TokenRenewal } from "./token-renewal";
import type { VendedCredentials } from "./vended";
import { vendCredentials } from "./vending";

/** Below this, credentials could expire on their way into a request: they are not handed out. */
export const MIN_USABLE_SECONDS = 15;
/** While old credentials still work, nobody waits long for new ones, nor asks for them at every call. */
const IMPATIENT: Pace = { deadlineMs: 0, timeoutMs: 5_000, patienceMs: 6_000 };
const PAUSE_AFTER_FAILURE_MS = 30_000;

interface Renewal {
  readonly settings: Settings;
  readonly folder: string;
  readonly key: string;
  /** As OAuth has them. */
  readonly scopes: readonly string[] | undefined;
  readonly options: CredentialOptions;
  readonly pace: Pace;
  readonly report: (message: string) => void;
}

/**
 * New credentials, cached; where they cannot be had, the old ones as long as they work, with a report.
 * See {@link getCredentials}, which has looked into the cache before.
 */
export async function renewCredentials(settings: Settings, options: CredentialOptions): Promise<VendedCredentials> {
  const report = options.report ?? (() => {});
  const key = credentialsKey(settings, options);
  const unusable = options.cache === false ? "" : prepareCacheFolder(settings.cacheDirectory, report);
  const folder = settings.cacheDirectory ?? "";
  const old = unusable === undefined ? usable(readCachedCredentials(folder, key)) : undefined;
  const renewal: Renewal = {
    settings,
    folder,
    key,
    scopes: oauthScopes(settings, options.scopes),
    options,
    report,
    pace: old ? IMPATIENT : PATIENT,
  };
  if (options.cache === false) return warnOfClock(await vendUncached(renewal), report);
  if (unusable !== undefined) {
    report(`nothing is cached: ${unusable}`);
    return warnOfClock(await vendUncached(renewal), report);
  }
  try {
    if (!options.ownPace) respectEarlierFailure(folder, `${key}.credentials`, old ? PAUSE_AFTER_FAILURE_MS : 0);
    return await renewTogether(renewal);
  } catch (error) {
    if (error instanceof LocalError && error.code === "cache_unusable") {
      report(`nothing is cached: ${error.message}`);
      return warnOfClock(await vendUncached(renewal), report);
    }
    if (!(error instanceof ClientError) || error instanceof InterruptedError) throw error;
    // What another process has renewed meanwhile is as good.
    const left = usable(readCachedCredentials(folder, key)) ?? old;
    if (!left) throw error;
    if (options.onStale) options.onStale(error);
    else
      report(
        `credentials could not be renewed and expire in ${Math.floor(remainingSeconds(left))} s: ${error.message}`,
      );
    return left;
  }
}

function renewTogether(renewal: Renewal): Promise<VendedCredentials> {
  const { folder, key, options, report, pace } = renewal;
  return singleFlight({
    folder,
    name: `${key}.credentials`,
    signal: options.signal,
    patienceMs: pace.patienceMs,
    look: () => {
      const cached = readCachedCredentials(folder, key);
      return cached && remainingSeconds(cached) >= (options.minRemainingSeconds ?? RENEW_BELOW_SECONDS)
        ? cached
        : undefined;
    },
    work: async () => {
      const vended = warnOfClock(await vendWithCachedToken(renewal), report);
      keepIfBetter(renewal, vended);
      return vended;
    },
  });
}

/** A cached token may be refused before it expires: keys are rotated, clients changed. A fresh one settles it. */
async function vendWithCachedToken(renewal: Renewal): Promise<VendedCredentials> {
  const { settings, folder, scopes } = renewal;
  const key = tokenKey(settings, scopes);
  const cached = readCachedToken(folder, key);
  if (cached) {
    try {
      return await vend(renewal, cached);
    } catch (error) {
      const refused =
        error instanceof RefusedError && (error.code === "invalid_token" || error.code === "insufficient_scope");
      if (!refused) throw error;
      dropCachedToken(folder, key, cached);
    }
  }
  return vend(renewal, await renewToken(ofToken(renewal)));
}

async function vendUncached(renewal: Renewal): Promise<VendedCredentials> {
  return vend(renewal, await askForToken(ofToken(renewal)));
}

function ofToken({ settings, folder, scopes, pace, report, options: { signal } }: Renewal): TokenRenewal {
  return { settings, folder, scopes, pace, report, signal };
}

function vend(
  { settings, options: { signal, durationSeconds }, pace }: Renewal,
  token: AccessToken,
): Promise<VendedCredentials> {
  const attempt = () => vendCredentials(settings, token, { signal, durationSeconds, timeoutMs: pace.timeoutMs });
  return withRetries(attempt, { ...pace, signal });
}

/** Neither a wrong clock nor an older answer that arrives late may replace credentials that live longer. */
function keepIfBetter({ folder, key, report }: Renewal, vended: VendedCredentials): void {
  const present = readCachedCredentials(folder, key);
  if (present && present.expiration >= vended.expiration) return;
  keepInCache(folder, report, () => {
    writeCachedCredentials(folder, key, vended);
    sweepCacheFolder(folder);
  });
}

function usable(credentials: VendedCredentials | undefined): VendedCredentials | undefined {
  return credentials && remainingSeconds(credentials) >= MIN_USABLE_SECONDS ? credentials : undefined;
}

/** S3 refuses requests whose clock is off by more than 15 minutes, with an error that does not help. */
function warnOfClock(vended: VendedCredentials, report: (message: string) => void): VendedCredentials {
  const ahead = vended.clockAheadSeconds;
  if (Math.abs(ahead) > 60) {
    report(
      `this machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead" : "behind"}: AWS refuses requests from 900 s on; check its time synchronisation`,
    );
  }
  return vended;
}
