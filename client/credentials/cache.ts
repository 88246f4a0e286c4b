import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { isScope, type Scope } from "../../access/permission-level";
import { isOwnFolder, makeFolder, readPrivateFile, writeFileAtomically } from "../core/files";
import { Secret } from "../core/secret";
import { foreignWriterAbove } from "../core/writers";
import type { Settings, TokenSettings } from "../settings/settings";
import { type AccessToken, TOKEN } from "./access-token";
import { type CredentialRequest, oauthScopes } from "./request";
import { instant, type VendedCredentials, vendedFaults } from "./vended";

/** Leftovers of processes that were killed in the middle of something are removed after this time. */
const LEFTOVER_AFTER_MS = 10 * 60_000;
/** What is cached lives a day at most. */
const EXPIRED_AFTER_MS = 48 * 3600_000;
/** What has another name in the folder was not put there by this program. */
const CACHE_FILE = /^\.?[0-9a-f]{40}\./;
/** A token is used for this part of its life: Cognito bills each, and one must not expire on its way to the API. */
export const USED_SHARE_OF_LIFE = 0.75;

/**
 * The name under which a token is cached: a hash of everything that changes the token endpoint's answer.
 * @param scopes as OAuth has them, in any order
 */
export function tokenKey(settings: TokenSettings, scopes: readonly string[] | undefined): string {
  return digest([
    "token",
    settings.tokenEndpoint,
    settings.clientId,
    settings.clientSecret.reveal(),
    settings.resourceServer,
    scopes ? [...new Set(scopes)].sort().join(" ") : "",
  ]);
}

/** As {@link tokenKey}, for credentials. The scopes are in their normal order. */
export function credentialsKey(settings: Settings, { scopes, durationSeconds }: CredentialRequest): string {
  const token = tokenKey(settings, oauthScopes(settings, scopes));
  return digest(["credentials", token, settings.credentialApiUrl, String(durationSeconds ?? "")]);
}

/** A name of the cache for what these parts decide. */
export function digest(parts: readonly string[]): string {
  // JSON keeps the parts apart: ["a", "bc"] and ["ab", "c"] are different names.
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 40);
}

/** The cached credentials, still valid or not; undefined where there are none that are whole. */
export function readCachedCredentials(folder: string | undefined, key: string): VendedCredentials | undefined {
  const text = folder === undefined ? undefined : readPrivateFile(folder, `${key}.credentials.json`);
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    const expiration = instant(parsed.expiration);
    if (expiration === undefined || typeof parsed.clockAheadSeconds !== "number") return undefined;
    const vended = parsed as unknown as VendedCredentials;
    if (vendedFaults(vended).length > 0) return undefined;
    return { ...vended, expiration, scopes: knownScopes(parsed.scopes) };
  } catch {
    return undefined;
  }
}

export function writeCachedCredentials(folder: string, key: string, vended: VendedCredentials): void {
  writeFileAtomically(`${folder}/${key}.credentials.json`, JSON.stringify(vended));
}

/**
 * Seconds that the credentials are still good for. A clock that was behind when they were vended is corrected; one
 * that was ahead is not, since it may have been set right meanwhile: that errs towards renewing too early.
 */
export function remainingSeconds(
  { expiration, clockAheadSeconds }: Pick<VendedCredentials, "expiration" | "clockAheadSeconds">,
  now = Date.now(),
): number {
  return (expiration.getTime() - now) / 1000 + Math.min(0, clockAheadSeconds);
}

/** The cached token, if it may still be used. */
export function readCachedToken(folder: string, key: string, now = Date.now()): AccessToken | undefined {
  const text = readPrivateFile(folder, tokenFile(key));
  if (text === undefined) return undefined;
  try {
    const { value, obtainedAt, lifeSeconds, scopes } = JSON.parse(text) as Record<string, unknown>;
    if (
      typeof value !== "string" ||
      !TOKEN.test(value) ||
      typeof obtainedAt !== "number" ||
      typeof lifeSeconds !== "number"
    )
      return undefined;
    const age = (now - obtainedAt) / 1000;
    // An age below zero is a clock that was set back: how old the token is, is not known.
    if (age < 0 || age >= lifeSeconds * USED_SHARE_OF_LIFE) return undefined;
    return {
      value: new Secret(value),
      obtainedAt,
      lifeSeconds,
      scopes: knownScopes(scopes),
      clockAheadSeconds: undefined,
    };
  } catch {
    return undefined;
  }
}

export function writeCachedToken(
  folder: string,
  key: string,
  { value, obtainedAt, lifeSeconds, scopes }: AccessToken,
): void {
  writeFileAtomically(
    `${folder}/${tokenFile(key)}`,
    JSON.stringify({ value: value.reveal(), obtainedAt, lifeSeconds, scopes }),
  );
}

/** Removes the token that the API refused, unless another process has put a new one in its place. */
export function dropCachedToken(folder: string, key: string, refused: AccessToken): void {
  if (readCachedToken(folder, key)?.value.reveal() === refused.value.reveal())
    rmSync(`${folder}/${tokenFile(key)}`, { force: true });
}

/** Writes to the cache. A full disk costs the cache and nothing else. */
export function keepInCache(folder: string, report: (message: string) => void, write: () => void): void {
  try {
    write();
  } catch (error) {
    report(
      `nothing is cached: ${folder} cannot be written to (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
    );
  }
}

function tokenFile(key: string): string {
  return `${key}.token.json`;
}

/** The scopes as the cache has them; undefined where they are not known. */
function knownScopes(value: unknown): readonly Scope[] | undefined {
  return Array.isArray(value) ? value.filter(isScope) : undefined;
}

/**
 * Makes the folder ready, private to this user; returns why it cannot be used where it cannot. What stands in one that
 * others could write is removed first: they may have put old files of this user there, or hard links to some.
 */
export function prepareCacheFolder(path: string | undefined, report: (message: string) => void): string | undefined {
  if (path === undefined) return "this user has no home and no cache folder";
  const foreign = `${path} is not a folder of this user alone`;
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      // root with another user's HOME, as sudo leaves it, must not leave files that the user can no longer change.
      const writer = process.getuid?.() === 0 ? foreignWriterAbove(path) : undefined;
      if (writer) return `${path} would be in another user's home: ${writer.fault}`;
      makeFolder(path);
    }
    if (!isFolderOfUser(lstatSync(path))) return foreign;
    // By descriptor from here on: a link that takes the folder's place is not followed.
    const folder = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
    try {
      const status = fstatSync(folder);
      if (!isFolderOfUser(status)) return foreign;
      if (status.mode & 0o077) fchmodSync(folder, 0o700);
      if (status.mode & 0o022) {
        emptyCacheFolder(path);
        report(`${path} could be written by others: its files are removed, and it is private now`);
      }
    } finally {
      closeSync(folder);
    }
    return isOwnFolder(path) ? undefined : foreign;
  } catch (error) {
    return `${path} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)})`;
  }
}

function isFolderOfUser(status: Stats): boolean {
  return status.isDirectory() && status.uid === process.getuid?.();
}

function emptyCacheFolder(path: string): void {
  for (const name of readdirSync(path).filter((entry) => CACHE_FILE.test(entry)))
    rmSync(join(path, name), { force: true, recursive: true });
}

/** Removes what killed processes left behind, and what expired long ago. */
export function sweepCacheFolder(path: string, { now = Date.now(), expiredAfterMs = EXPIRED_AFTER_MS } = {}): void {
  for (const name of readdirSync(path).filter((entry) => CACHE_FILE.test(entry))) {
    const age = now - modifiedAt(join(path, name));
    if (age > (name.endsWith(".json") ? expiredAfterMs : LEFTOVER_AFTER_MS)) rmSync(join(path, name), { force: true });
  }
}

/** When a file of the cache was written, in epoch milliseconds; -Infinity where there is none. */
export function cachedAt(folder: string, name: string): number {
  return statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}

function modifiedAt(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
