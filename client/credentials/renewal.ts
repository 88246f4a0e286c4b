import type { Scope } from "../../access/permission-level";
import { LONGEST_RETRY_AFTER_MS, retryAfterMs } from "../core/backoff";
import { ClientError, InterruptedError, LocalError, RefusedError, UnavailableError } from "../core/errors";
import { withRetries } from "../network/service-answer";
import type { Settings } from "../settings/settings";
import {
  credentialsKey,
  dropCachedToken,
  prepareCacheFolder,
  readCachedCredentials,
  readCachedToken,
  remainingSeconds,
  sweepCacheFolder,
  tokenKey,
  writeCachedCredentials,
  writeCachedToken,
} from "./cache";
import { type CredentialOptions, RENEW_BELOW_SECONDS } from "./request";
import { readSharedFailure, singleFlight } from "./single-flight";
import { type AccessToken, requestToken } from "./token";
import type { VendedCredentials } from "./vended";
import { vendCredentials } from "./vending";

/** Below this, credentials could expire on their way into a request: they are not handed out. */
const MIN_USABLE_SECONDS = 15;
interface Pace {
  /** After this nothing is tried again. */
  readonly deadlineMs: number;
  /** For one exchange. */
  readonly timeoutMs: number;
  /** For another process's renewal. */
  readonly patienceMs?: number;
}

/** While old credentials still work, nobody waits long for new ones, nor asks for them at every call. */
const PATIENT: Pace = { deadlineMs: 20_000, timeoutMs: 10_000 };
const IMPATIENT: Pace = { deadlineMs: 0, timeoutMs: 5_000, patienceMs: 6_000 };
const PAUSE_AFTER_FAILURE_MS = 30_000;

interface Renewal {
  readonly settings: Settings;
  readonly folder: string;
  readonly key: string;
  readonly scopes: readonly Scope[] | undefined;
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
    scopes: options.scopes,
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
    if (!options.ownPace) respectEarlierFailure(renewal, old !== undefined);
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
  const token = await singleFlight({
    folder,
    name: `${key}.token`,
    signal: renewal.options.signal,
    look: () => readCachedToken(folder, key),
    work: async () => {
      const fresh = await ask(renewal);
      keep(renewal, () => writeCachedToken(folder, key, fresh));
      return fresh;
    },
  });
  return vend(renewal, token);
}

async function vendUncached(renewal: Renewal): Promise<VendedCredentials> {
  return vend(renewal, await ask(renewal));
}

function ask({ settings, scopes, options: { signal }, pace }: Renewal): Promise<AccessToken> {
  return withRetries(() => requestToken(settings, scopes, { signal, timeoutMs: pace.timeoutMs }), { ...pace, signal });
}

function vend(
  { settings, options: { signal, durationSeconds }, pace }: Renewal,
  token: AccessToken,
): Promise<VendedCredentials> {
  const attempt = () => vendCredentials(settings, token, { signal, durationSeconds, timeoutMs: pace.timeoutMs });
  return withRetries(attempt, { ...pace, signal });
}

/** Neither a wrong clock nor an older answer that arrives late may replace credentials that live longer. */
function keepIfBetter(renewal: Renewal, vended: VendedCredentials): void {
  const { folder, key } = renewal;
  const present = readCachedCredentials(folder, key);
  if (present && present.expiration >= vended.expiration) return;
  keep(renewal, () => {
    writeCachedCredentials(folder, key, vended);
    sweepCacheFolder(folder);
  });
}

/** A full disk costs the cache and nothing else. */
function keep({ folder, report }: Renewal, write: () => void): void {
  try {
    write();
  } catch (error) {
    report(
      `nothing is cached: ${folder} cannot be written to (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
}

/** Throws the last failure again where it is too early for another request. */
function respectEarlierFailure({ folder, key }: Renewal, hasOld: boolean): void {
  const failure = readSharedFailure(folder, `${key}.credentials`);
  if (!failure) return;
  const { error } = failure;
  const asked = error instanceof UnavailableError ? retryAfterMs(error) : 0;
  const wait = Math.max(hasOld ? PAUSE_AFTER_FAILURE_MS : 0, Math.min(asked, LONGEST_RETRY_AFTER_MS.betweenCommands));
  const age = Date.now() - failure.at;
  if (age >= 0 && age < wait) throw error;
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
