import { SCOPES, type Scope } from "../../access/permission-level";
import type { ClientError } from "../core/errors";
import type { Settings } from "../settings/settings";
import { credentialsKey } from "./cache-key";
import { readCachedCredentials, remainingSeconds } from "./cached-credentials";
import type { VendedCredentials } from "./vending";

/** Credentials with less life than this are renewed. AWS's SDKs renew at the same mark. */
export const RENEW_BELOW_SECONDS = 300;

export interface CredentialOptions {
  /** Scopes to narrow the credentials to; everything that the server may do when not given. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Seconds that the credentials shall live, 900–3600; the server's own maximum when not given. */
  readonly durationSeconds?: number | undefined;
  /** Credentials with less life left are renewed; 300 when not given. */
  readonly minRemainingSeconds?: number | undefined;
  /** False: the cache is neither read nor written. */
  readonly cache?: boolean | undefined;
  /** True: the caller pauses after a failure by itself, and a failure of a moment ago does not count. */
  readonly ownPace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told what went wrong and yet did not keep credentials from being given: one sentence each. */
  readonly report?: ((message: string) => void) | undefined;
  /** Told why, instead of `report`, where old credentials are given since new ones could not be had. */
  readonly onStale?: ((error: ClientError) => void) | undefined;
}

/**
 * Credentials for this server: from the cache, or newly vended, by one process at a time for all.
 * @throws {RefusedError | UnavailableError | UnreachableError} where there are none, not even old ones that still work.
 */
export async function getCredentials(settings: Settings, options: CredentialOptions = {}): Promise<VendedCredentials> {
  const cached = cachedCredentials(settings, options);
  if (cached) return cached;
  const { renewCredentials } = await import("./renewal.ts");
  return renewCredentials(settings, { ...options, scopes: normalScopes(options.scopes) });
}

/** Credentials from the cache, where it has such as live long enough. */
export function cachedCredentials(settings: Settings, options: CredentialOptions): VendedCredentials | undefined {
  if (options.cache === false) return undefined;
  const key = credentialsKey(settings, normalScopes(options.scopes), options.durationSeconds);
  const cached = readCachedCredentials(settings.cacheDirectory, key);
  return cached && remainingSeconds(cached) >= (options.minRemainingSeconds ?? RENEW_BELOW_SECONDS)
    ? cached
    : undefined;
}

/** The form in which clients of the AWS SDK for JavaScript take credentials; they ask again before these expire. */
export type CredentialProvider = () => Promise<{
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}>;

/** {@link getCredentials} for clients of the AWS SDK for JavaScript. */
export function credentialProvider(settings: Settings, options: CredentialOptions = {}): CredentialProvider {
  return async () => {
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await getCredentials(settings, options);
    return { accessKeyId, secretAccessKey, sessionToken, expiration };
  };
}

/** Each scope once and in one order, so that equal wishes are cached once. */
function normalScopes(scopes: readonly Scope[] | undefined): readonly Scope[] | undefined {
  return scopes && SCOPES.filter((scope) => scopes.includes(scope));
}
