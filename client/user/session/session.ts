import { rmSync } from "node:fs";
import { pauseFor } from "../../core/backoff";
import { LocalError, SignInNeededError } from "../../core/errors";
import { fileFault, readPrivateFile, writeFileAtomically } from "../../core/files";
import { Secret } from "../../core/secret";
import { TOKEN } from "../../credentials/access-token";
import { prepareCacheFolder, sweepCacheFolder } from "../../credentials/cache";
import { tryLock } from "../../credentials/lock";
import { signInCommand } from "../cognito/refusals";
import type { Tokens } from "../cognito/tokens";
import type { UserSettings } from "../settings/user-settings";
import { sessionKey } from "./cached-credentials";

/** Who is signed in, and what renews that. */
export interface Session {
  readonly idToken: Secret;
  readonly accessToken: Secret;
  readonly refreshToken: Secret;
  /** When the two other tokens expire, in epoch milliseconds by this machine's clock. */
  readonly expiresAt: number;
  /** When the person signed in, in epoch milliseconds. */
  readonly signedInAt: number;
  /** Seconds that credentials shall live, where an hour is too short; see --duration. */
  readonly durationSeconds?: number | undefined;
  /** False where the app client does not rotate refresh tokens. */
  readonly rotates?: boolean | undefined;
  /** When a renewal began of which no result is here: what the refresh token was replaced by is lost then. */
  readonly renewalBegunAt?: number | undefined;
}

/** Tokens with less life left are not handed on: they could expire on their way. */
const MIN_USABLE_MS = 60_000;

/** The profile's session; undefined where nobody is signed in, or its file is not this user's alone. */
export function readSession(settings: UserSettings): Session | undefined {
  const { stateDirectory: folder } = settings;
  const text = folder === undefined ? undefined : readPrivateFile(folder, fileName(settings));
  if (text === undefined) return undefined;
  try {
    const { idToken, accessToken, refreshToken, ...rest } = JSON.parse(text) as Record<string, unknown>;
    const tokens = [idToken, accessToken, refreshToken];
    if (!tokens.every((token) => typeof token === "string" && TOKEN.test(token))) return undefined;
    if (typeof rest.expiresAt !== "number" || typeof rest.signedInAt !== "number") return undefined;
    const secret = (value: unknown) => new Secret(value as string);
    return {
      ...(rest as unknown as Session),
      idToken: secret(idToken),
      accessToken: secret(accessToken),
      refreshToken: secret(refreshToken),
    };
  } catch {
    return undefined;
  }
}

/** As {@link readSession}. @throws {SignInNeededError} where nobody is signed in. */
export function requireSession(settings: UserSettings): Session {
  const session = readSession(settings);
  if (session) return session;
  throw new SignInNeededError("nobody is signed in", { remedy: `Sign in: ${signInCommand(settings)}` });
}

/** Whether its tokens may still be used. */
export function isFresh(session: Session, now = Date.now()): boolean {
  return session.expiresAt - now >= MIN_USABLE_MS;
}

/** When tokens that have just come expire, by this machine's clock. */
export function expiryOfTokens({ lifeSeconds }: Tokens, now = Date.now()): number {
  return now + lifeSeconds * 1000;
}

/** Puts a session onto the disk, whole and durable. @throws {LocalError} where that fails: the old one is then as it was. */
export function writeSession(settings: UserSettings, session: Session): void {
  const path = `${settings.stateDirectory}/${fileName(settings)}`;
  const { idToken, accessToken, refreshToken, ...rest } = session;
  const tokens = {
    idToken: idToken.reveal(),
    accessToken: accessToken.reveal(),
    refreshToken: refreshToken.reveal(),
  };
  try {
    writeFileAtomically(path, JSON.stringify({ ...rest, ...tokens }));
  } catch (error) {
    throw fileFault(error, path);
  }
}

/** Removes the session and the credentials of a profile; false where there was no session. */
export function removeSession(settings: UserSettings): boolean {
  const { stateDirectory: folder } = settings;
  if (folder === undefined) return false;
  const had = readPrivateFile(folder, fileName(settings)) !== undefined;
  for (const kind of ["session", "credentials"])
    rmSync(`${folder}/${sessionKey(settings)}.${kind}.json`, { force: true });
  return had;
}

/** Runs work while no other process renews, replaces or ends the profile's session. */
export async function withSessionLocked<T>(
  settings: UserSettings,
  work: () => Promise<T>,
  { signal, report }: { readonly signal?: AbortSignal | undefined; readonly report: (message: string) => void },
): Promise<T> {
  const path = `${prepareSessions(settings, report)}/${sessionLockName(settings)}.lock`;
  for (;;) {
    const lock = tryLock(path);
    if (lock === undefined) {
      await pauseFor(BETWEEN_LOOKS_MS, signal);
      continue;
    }
    try {
      return await work();
    } finally {
      lock.release();
    }
  }
}

const BETWEEN_LOOKS_MS = 50;

/** What renewals of a session wait for each other by. */
export function sessionLockName(settings: UserSettings): string {
  return `${sessionKey(settings)}.session`;
}

/**
 * Makes the folder of sessions ready, for this user alone.
 * @throws {LocalError} where it cannot be used: a refresh token that rotates must be kept, or be lost.
 */
export function prepareSessions({ stateDirectory }: UserSettings, report: (message: string) => void): string {
  const unusable = prepareCacheFolder(stateDirectory, report);
  if (stateDirectory !== undefined && unusable === undefined) return stateDirectory;
  throw new LocalError(`nobody can be signed in here: ${unusable}`, "state_unusable", {
    remedy: "Give this user a folder of its own, by XDG_STATE_HOME or in its home",
  });
}

/** Removes what killed processes left behind; a session, however old, stays. */
export function sweepSessions({ stateDirectory: folder }: UserSettings): void {
  if (folder !== undefined) sweepCacheFolder(folder, { expiredAfterMs: Number.POSITIVE_INFINITY });
}

function fileName(settings: UserSettings): string {
  return `${sessionKey(settings)}.session.json`;
}
