import { loadSettings, loadTokenSettings, type SettingsInput } from "../settings/settings";
import { type AccessToken, expiryOf, scopeClaim } from "./access-token";
import {
  cachedAt,
  credentialsKey,
  readCachedCredentials,
  readCachedToken,
  remainingSeconds,
  tokenKey,
  USED_SHARE_OF_LIFE,
} from "./cache";
import { type CredentialRequest, normalScopes, oauthScopes, RENEW_BELOW_SECONDS } from "./request";
import { readSharedFailure, type SharedFailure } from "./single-flight";
import type { VendedCredentials } from "./vended";

/** What the cache holds for a client, without any request. */
export interface CacheStatus {
  readonly clientId: string;
  readonly cacheDirectory: string | undefined;
  /** False for a client of another API, which gets no credentials. */
  readonly hasVendingApi: boolean;
  /** Where this server writes: as the credentials have it, else as the settings have it; empty where neither does. */
  readonly bucket: string;
  readonly prefix: string;
  /** Those that still work, good for long or not. */
  readonly credentials: VendedCredentials | undefined;
  readonly token: AccessToken | undefined;
  /** The last renewal, if it failed and none has succeeded since. */
  readonly failure: SharedFailure | undefined;
}

/**
 * Looks into the cache for what `get-credentials` would answer with, and asks no service.
 * @throws {SettingsError} with all faults at once.
 */
export function cacheStatus(input: SettingsInput, request: CredentialRequest, now = Date.now()): CacheStatus {
  const client = loadTokenSettings(input);
  const server =
    client.sources.credentialApiUrl === undefined ? undefined : loadSettings({ ...input, warn: undefined });
  const folder = client.cacheDirectory ?? "";
  const scopes = normalScopes(request.scopes);
  const ofToken = tokenKey(client, oauthScopes(client, scopes));
  const ofCredentials = server && credentialsKey(server, { ...request, scopes });
  const cached = ofCredentials === undefined ? undefined : readCachedCredentials(folder, ofCredentials);
  const credentials = cached && remainingSeconds(cached, now) > 0 ? cached : undefined;
  const { bucket, prefix } = credentials ?? server ?? { bucket: "", prefix: "" };
  return {
    clientId: client.clientId,
    cacheDirectory: client.cacheDirectory,
    hasVendingApi: server !== undefined,
    bucket,
    prefix,
    credentials,
    token: readCachedToken(folder, ofToken, now),
    failure: lastFailure(folder, ofCredentials, ofToken),
  };
}

/** A failure after which neither credentials nor a token came into the cache. */
function lastFailure(folder: string, ofCredentials: string | undefined, ofToken: string): SharedFailure | undefined {
  const entries = [`${ofToken}.token`, ...(ofCredentials === undefined ? [] : [`${ofCredentials}.credentials`])];
  const [latest] = entries.flatMap((name) => readSharedFailure(folder, name) ?? []).sort((a, b) => b.at - a.at);
  const passed = latest && entries.at(-1) !== undefined && cachedAt(folder, `${entries.at(-1)}.json`) > latest.at;
  return passed ? undefined : latest;
}

/** When the cached token is replaced at the next use. */
export function usedUntil({ obtainedAt, lifeSeconds }: AccessToken): Date {
  return new Date(obtainedAt + lifeSeconds * USED_SHARE_OF_LIFE * 1000);
}

/** The status as `--json` shows it. */
export function statusJson(status: CacheStatus, now = Date.now()): string {
  const { clientId, cacheDirectory, bucket, prefix, credentials, token, failure } = status;
  return JSON.stringify({
    client_id: clientId,
    bucket: bucket || null,
    prefix: prefix || null,
    cache_directory: cacheDirectory ?? null,
    credentials: credentials
      ? {
          access_key_id: credentials.accessKeyId,
          expiration: credentials.expiration.toISOString(),
          seconds_left: Math.floor(remainingSeconds(credentials, now)),
          renewed_at_next_use: remainingSeconds(credentials, now) < RENEW_BELOW_SECONDS,
          scopes: credentials.scopes ?? null,
        }
      : null,
    token: token
      ? {
          expires_at: expiryOf(token).toISOString(),
          used_until: usedUntil(token).toISOString(),
          scope: scopeClaim(token.value) ?? null,
        }
      : null,
    last_failure: failure
      ? { at: new Date(failure.at).toISOString(), code: failure.error.code, message: failure.error.message }
      : null,
  });
}

/** The status as lines for people. */
export function statusLines(status: CacheStatus, now = Date.now()): string[] {
  const { clientId, cacheDirectory, hasVendingApi, bucket, prefix, credentials, token, failure } = status;
  const row = (name: string, words: string) => `${name.padEnd(12)} ${words}`;
  const place = bucket && prefix ? `s3://${bucket}/${prefix}` : "as the vending API will say";
  return [
    row("client", clientId),
    ...(hasVendingApi ? [row("prefix", place), row("credentials", credentialsWords(credentials, now))] : []),
    row("token", tokenWords(token)),
    ...(failure ? [row("last failure", `${new Date(failure.at).toISOString()}: ${failure.error.message}`)] : []),
    row("cache", cacheDirectory ?? "none: this user has no home and no cache folder"),
  ];
}

function credentialsWords(credentials: VendedCredentials | undefined, now: number): string {
  if (credentials === undefined) return "none: the next command gets some";
  const seconds = Math.floor(remainingSeconds(credentials, now));
  const { accessKeyId, expiration, scopes } = credentials;
  const allow = scopes && scopes.length > 0 ? `, allow ${scopes.join(", ")}` : "";
  const left =
    seconds < RENEW_BELOW_SECONDS ? `${seconds} s, renewed at the next use` : `${Math.floor(seconds / 60)} min`;
  return `${accessKeyId}${allow}, until ${expiration.toISOString()} (${left})`;
}

function tokenWords(token: AccessToken | undefined): string {
  if (token === undefined) return "none that is used any more: the next one costs a token request";
  const scope = scopeClaim(token.value);
  const allow = scope === undefined || scope === "" ? "" : `for ${scope}, `;
  return `${allow}used until ${usedUntil(token).toISOString()}, valid until ${expiryOf(token).toISOString()}`;
}
