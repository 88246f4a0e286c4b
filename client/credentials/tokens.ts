import { UsageError } from "../core/errors";
import type { TokenSettings } from "../settings/settings";
import type { AccessToken } from "./access-token";
import { readCachedToken, tokenKey } from "./cache";
import type { NewTokenOptions } from "./request";

/** A scope as OAuth has it (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * The scopes of `--scope` options, each of which may name several, with blanks between them; undefined where there is
 * none.
 * @throws {UsageError} for what is no scope.
 */
export function parseScopes(values: readonly string[]): readonly string[] | undefined {
  if (values.length === 0) return undefined;
  const scopes = values.flatMap((value) => value.split(" ").filter((word) => word !== ""));
  const faults = scopes.filter((scope) => !SCOPE.test(scope));
  if (scopes.length === 0) faults.push("");
  if (faults.length > 0) {
    throw new UsageError(`--scope: ${faults.map((fault) => JSON.stringify(fault)).join(", ")} is not a scope`, {
      remedy: "A scope is whole, as in IDENTIFIER/NAME; --scope may be given several times",
    });
  }
  return [...new Set(scopes)];
}

/** The client's access token from the cache, if it may still be used. */
export function cachedAccessToken(
  settings: TokenSettings,
  scopes: readonly string[] | undefined,
): AccessToken | undefined {
  const { cacheDirectory } = settings;
  return cacheDirectory === undefined ? undefined : readCachedToken(cacheDirectory, tokenKey(settings, scopes));
}

/**
 * A token that the cache does not have yet, requested by one process at a time for all: Cognito bills each.
 * @throws {RefusedError | UnavailableError | UnreachableError} where there is none.
 */
export async function newAccessToken(settings: TokenSettings, options: NewTokenOptions): Promise<AccessToken> {
  const { newToken } = await import("./token-renewal.ts");
  return newToken(settings, options);
}
