import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from "../../access/client-role";
import { isScope, qualifiedScope, SCOPES, type Scope } from "../../access/permission-level";
import { type ClientError, UsageError } from "../core/errors";
import type { TokenSettings } from "../settings/settings";
import type { AccessToken } from "./access-token";

/** Which credentials are asked for. */
export interface CredentialRequest {
  /** Scopes to narrow the credentials to; by default everything that the server may do. */
  readonly scopes?: readonly Scope[] | undefined;
  /** Seconds that the credentials shall live, 900–3600; the server's own maximum by default. */
  readonly durationSeconds?: number | undefined;
}

export interface CredentialOptions extends CredentialRequest {
  /** Credentials with less life left are renewed; {@link RENEW_BELOW_SECONDS} by default. */
  readonly minRemainingSeconds?: number | undefined;
  /** False: the cache is neither read nor written. */
  readonly cache?: boolean | undefined;
  /** True: the caller pauses after a failure by itself, and a recent failure does not count. */
  readonly ownPace?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with a sentence on each thing that went wrong and yet did not keep credentials from being given. */
  readonly report?: ((message: string) => void) | undefined;
  /** Called with the reason, instead of `report`, where old credentials are given since new ones could not be had. */
  readonly onStale?: ((error: ClientError) => void) | undefined;
}

/** Which token is asked for. */
export interface NewTokenOptions {
  /** As OAuth has them; by default all that the client has. */
  readonly scopes?: readonly string[] | undefined;
  /** A token that is not wanted any more: it is taken out of the cache. */
  readonly instead?: AccessToken | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with a sentence on what went wrong and yet did not keep a token from being given. */
  readonly report: (message: string) => void;
}

/** Credentials with less life than this are renewed. AWS's SDKs renew at the same mark. */
export const RENEW_BELOW_SECONDS = 300;

/**
 * The request that the options `--scope` and `--duration` of a command make.
 * @throws {UsageError} for a value that is neither.
 */
export function parseRequest({ scope, duration }: { scope?: string; duration?: string }): CredentialRequest {
  return {
    scopes: scope === undefined ? undefined : parseScopeList(scope),
    durationSeconds: duration === undefined ? undefined : parseDuration(duration),
  };
}

/** Names separated by commas. */
function parseScopeList(value: string): Scope[] {
  const names = value.split(",").map((name) => name.trim());
  const unknown = names.filter((name) => !isScope(name));
  if (unknown.length > 0) {
    throw new UsageError(`--scope: ${unknown.map((name) => JSON.stringify(name)).join(", ")} is not a scope`, {
      remedy: `Choose from ${SCOPES.join(", ")}, separated by commas`,
    });
  }
  return names.filter(isScope);
}

function parseDuration(value: string): number {
  const seconds = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (seconds >= MIN_SESSION_SECONDS && seconds <= MAX_SESSION_SECONDS) return seconds;
  throw new UsageError(
    `--duration: ${JSON.stringify(value)} is not a number of seconds from ${MIN_SESSION_SECONDS} to ${MAX_SESSION_SECONDS}`,
    { remedy: "AWS caps the credentials of a chained role at one hour" },
  );
}

/** The scopes as OAuth has them, with the resource server's identifier in front. */
export function oauthScopes(
  { resourceServer }: TokenSettings,
  scopes: readonly Scope[] | undefined,
): readonly string[] | undefined {
  return scopes?.map((scope) => qualifiedScope(resourceServer, scope));
}

/** Each scope once and in one order, so that equal requests are cached once. */
export function normalScopes(scopes: readonly Scope[] | undefined): readonly Scope[] | undefined {
  return scopes && SCOPES.filter((scope) => scopes.includes(scope));
}
