import { readPrivateFile } from "../core/files";
import { knownScopes } from "./known-scopes";
import type { VendedCredentials } from "./vending";

export function credentialsFileName(key: string): string {
  return `${key}.credentials.json`;
}

/** The cached credentials, still valid or not; undefined where there are none that are whole. */
export function readCachedCredentials(folder: string | undefined, key: string): VendedCredentials | undefined {
  const text = folder === undefined ? undefined : readPrivateFile(folder, credentialsFileName(key));
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const expiration = new Date(String(parsed.expiration));
    const names = ["accessKeyId", "secretAccessKey", "sessionToken", "bucket", "prefix", "region"];
    if (Number.isNaN(expiration.getTime()) || typeof parsed.clockAheadSeconds !== "number") return undefined;
    if (!names.every((name) => typeof parsed[name] === "string" && parsed[name] !== "")) return undefined;
    return { ...(parsed as unknown as VendedCredentials), expiration, scopes: knownScopes(parsed.scopes) };
  } catch {
    return undefined;
  }
}

/**
 * Seconds that the credentials are still good for. A clock that was behind when they were vended is corrected; one
 * that was ahead is not, since it may have been set right meanwhile: that errs towards renewing too early.
 */
export function remainingSeconds({ expiration, clockAheadSeconds }: VendedCredentials, now = Date.now()): number {
  return (expiration.getTime() - now) / 1000 + Math.min(0, clockAheadSeconds);
}
