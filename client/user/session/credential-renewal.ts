import { ClientError, RefusedError, SignInNeededError, UsageError } from "../../core/errors";
import { keepInCache, remainingSeconds } from "../../credentials/cache";
import { singleFlight } from "../../credentials/single-flight";
import { personOf } from "../cognito/id-token";
import { credentialsForIdentity, getIdentityId, type IssuedCredentials, openIdToken } from "../cognito/identity";
import type { OperationOptions } from "../cognito/operation";
import { assumeRoleWithWebIdentity } from "../cognito/web-identity";
import type { UserSettings } from "../settings/user-settings";
import {
  cachedUserCredentials,
  readUserCredentials,
  sessionKey,
  type UserCredentials,
  writeUserCredentials,
} from "./cached-credentials";
import { freshSession, type RenewalOptions } from "./renewal";
import { prepareSessions, readSession, requireSession, type Session } from "./session";

const RETRY = { deadlineMs: 15_000 };
/** Below this, credentials could expire on their way into a request: they are not handed out. */
const MIN_USABLE_SECONDS = 15;

/**
 * A person's AWS credentials: from the cache, or new ones by the session, by one process at a time for all; asks nobody.
 * Where no service answers, the old ones as long as they work, with a report.
 * @throws {SignInNeededError} where nobody is signed in, or not any more.
 */
export async function userCredentials(settings: UserSettings, options: RenewalOptions): Promise<UserCredentials> {
  const cached = cachedUserCredentials(settings);
  if (cached) return cached;
  requireSession(settings);
  try {
    return await singleFlight({
      folder: prepareSessions(settings, options.report),
      name: `${sessionKey(settings)}.credentials`,
      signal: options.signal,
      look: () => cachedUserCredentials(settings),
      work: () => newCredentials(settings, options),
    });
  } catch (error) {
    const old = readUserCredentials(settings);
    const seconds = old === undefined ? 0 : remainingSeconds(old);
    const isOver = error instanceof SignInNeededError || error instanceof RefusedError;
    if (old === undefined || seconds < MIN_USABLE_SECONDS || isOver || !(error instanceof ClientError)) throw error;
    options.report(`credentials could not be renewed and expire in ${Math.floor(seconds)} s: ${error.message}`);
    return old;
  }
}

/** New credentials by the session, kept for all processes; the session's own duration decides by which flow. */
export async function newCredentials(settings: UserSettings, options: RenewalOptions): Promise<UserCredentials> {
  const { signal } = options;
  let session = await freshSession(settings, options);
  const request: OperationOptions = { signal, retry: RETRY };
  const issue = async (): Promise<UserCredentials> => {
    const known = readUserCredentials(settings)?.identityId;
    const identityId = known ?? (await getIdentityId(settings, session.idToken, request));
    return { ...(await issued(settings, session, identityId, request)), identityId };
  };
  let credentials: UserCredentials;
  try {
    credentials = await issue();
  } catch (error) {
    if (!(error instanceof RefusedError) || error.code !== "NotAuthorizedException") throw error;
    // The ID token may have been withdrawn before it expired: a renewal settles whether the sign-in still stands.
    session = await freshSession(settings, { ...options, anew: true });
    credentials = await issue();
  }
  keepInCache(settings.stateDirectory ?? "", options.report, () => {
    const now = readSession(settings);
    // Nobody shall find credentials of somebody who has signed out meanwhile.
    if (now === undefined) return;
    writeUserCredentials(settings, credentials);
  });
  return credentials;
}

function issued(
  settings: UserSettings,
  session: Session,
  identityId: string,
  options: OperationOptions,
): Promise<IssuedCredentials> {
  if (session.durationSeconds === undefined)
    return credentialsForIdentity(settings, identityId, session.idToken, options);
  return longCredentials(settings, session, identityId, session.durationSeconds, options);
}

async function longCredentials(
  settings: UserSettings,
  { idToken }: Session,
  identityId: string,
  durationSeconds: number,
  options: OperationOptions,
): Promise<IssuedCredentials> {
  const roleArn = longRole(settings, personOf(idToken)?.preferredRole, durationSeconds);
  const token = await openIdToken(settings, identityId, idToken, options);
  // Colons are not allowed in it. An auditor finds the person by the identity id, which AWS has from the token as well.
  const sessionName = identityId.replace(":", ".");
  return assumeRoleWithWebIdentity(settings, { roleArn, sessionName, token, durationSeconds }, options);
}

/** Refuses what no role allows before anybody is asked for a password. @throws {UsageError} */
export function requireLongSessions({ longSessions, source }: UserSettings, durationSeconds: number): void {
  const longest = Math.max(3600, ...longSessions.values());
  if (durationSeconds <= longest) return;
  const hours = longest === 3600 ? "one hour" : `${longest / 3600} hours`;
  throw new UsageError(`--duration ${durationSeconds / 3600}: no role allows more than ${hours} (${source})`, {
    remedy: longest === 3600 ? RENEWED : `Ask for ${Math.floor(longest / 3600)} or fewer`,
  });
}

const RENEWED =
  "Leave --duration out: credentials are renewed unseen as long as the sign-in lasts. Tools that cannot renew them need " +
  "session_duration of this role in users.tfvars";

/**
 * The role that a long session is of: the one that the identity pool would choose, and no other.
 * @throws {UsageError} where that role may not be taken for so long: nothing shorter and nothing else is given instead.
 */
export function longRole(
  { longSessions, authenticatedRoleArn, source }: UserSettings,
  preferredRole: string | undefined,
  durationSeconds: number,
): string {
  const role = preferredRole ?? authenticatedRoleArn;
  const hours = durationSeconds / 3600;
  if (role === undefined) {
    throw new UsageError(`--duration ${hours}: ${source} does not say which role people have`, {
      remedy: 'Take the settings anew: "oidc-s3 user configure --from FILE"',
    });
  }
  const longest = longSessions.get(role);
  if (longest === undefined)
    throw new UsageError(`--duration ${hours}: the role ${role} allows one hour`, { remedy: RENEWED });
  if (longest < durationSeconds) {
    throw new UsageError(`--duration ${hours}: the role ${role} allows ${longest / 3600} hours`, {
      remedy: `Ask for ${Math.floor(longest / 3600)} or fewer`,
    });
  }
  return role;
}
