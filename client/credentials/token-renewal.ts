import { LocalError } from "../core/errors";
import { withRetries } from "../network/service-answer";
import type { TokenSettings } from "../settings/settings";
import type { AccessToken } from "./access-token";
import {
  dropCachedToken,
  keepInCache,
  prepareCacheFolder,
  readCachedToken,
  sweepCacheFolder,
  tokenKey,
  writeCachedToken,
} from "./cache";
import type { NewTokenOptions } from "./request";
import { respectEarlierFailure, singleFlight } from "./single-flight";
import { requestToken } from "./token";

/** How long a command tries. */
export interface Pace {
  /** Milliseconds after which nothing is tried again. */
  readonly deadlineMs: number;
  /** For one exchange. */
  readonly timeoutMs: number;
  /** For another process's renewal. */
  readonly patienceMs?: number;
}

export const PATIENT: Pace = { deadlineMs: 20_000, timeoutMs: 10_000 };

export interface TokenRenewal {
  readonly settings: TokenSettings;
  readonly folder: string;
  /** As OAuth has them; by default all that the client has. */
  readonly scopes: readonly string[] | undefined;
  readonly pace: Pace;
  readonly signal: AbortSignal | undefined;
  readonly report: (message: string) => void;
}

/** See {@link newAccessToken}. */
export async function newToken(
  settings: TokenSettings,
  { scopes, instead, signal, report }: NewTokenOptions,
): Promise<AccessToken> {
  const folder = settings.cacheDirectory ?? "";
  const renewal: TokenRenewal = { settings, folder, scopes, pace: PATIENT, signal, report };
  const unusable = prepareCacheFolder(settings.cacheDirectory, report);
  if (unusable === undefined) {
    try {
      const key = tokenKey(settings, scopes);
      if (instead) dropCachedToken(folder, key, instead);
      respectEarlierFailure(folder, `${key}.token`);
      const token = await renewToken(renewal);
      keepInCache(folder, report, () => sweepCacheFolder(folder));
      return token;
    } catch (error) {
      if (!(error instanceof LocalError) || error.code !== "cache_unusable") throw error;
      report(`nothing is cached: ${error.message}`);
    }
  } else report(`nothing is cached: ${unusable}`);
  return askForToken(renewal);
}

/** The token that one of the processes that want it gets and caches. */
export function renewToken(renewal: TokenRenewal): Promise<AccessToken> {
  const { settings, folder, scopes, signal, report } = renewal;
  const key = tokenKey(settings, scopes);
  return singleFlight({
    folder,
    name: `${key}.token`,
    signal,
    look: () => readCachedToken(folder, key),
    work: async () => {
      const fresh = await askForToken(renewal);
      keepInCache(folder, report, () => writeCachedToken(folder, key, fresh));
      return fresh;
    },
  });
}

/** A token of this process's own, for which the cache is neither read nor written. */
export function askForToken({ settings, scopes, signal, pace }: TokenRenewal): Promise<AccessToken> {
  return withRetries(() => requestToken(settings, scopes, { signal, timeoutMs: pace.timeoutMs }), { ...pace, signal });
}
