import { remainingSeconds } from "../../credentials/cache";
import { RENEW_BELOW_SECONDS } from "../../credentials/request";
import { readSharedFailure } from "../../credentials/single-flight";
import { type IdClaims, personOf } from "../cognito/id-token";
import { signInCommand } from "../cognito/refusals";
import type { UserSettings } from "../settings/user-settings";
import { readUserCredentials, type UserCredentials } from "./cached-credentials";
import { readSession, type Session, sessionLockName } from "./session";

/** What is kept of a person's sign-in, without any request. */
export interface UserStatus {
  readonly settings: UserSettings;
  readonly session: Session | undefined;
  readonly person: IdClaims | undefined;
  /** Those that still work. */
  readonly credentials: UserCredentials | undefined;
  /** The role that they are of; undefined where the settings do not tell. */
  readonly role: string | undefined;
  /** Where in S3; undefined where the settings do not tell, or the identity id is not known yet. */
  readonly place: string | undefined;
  /** The last renewal, if it failed and none has succeeded since. */
  readonly failure: string | undefined;
}

export function userStatus(settings: UserSettings, now = Date.now()): UserStatus {
  const session = readSession(settings);
  const person = session && personOf(session.idToken);
  const cached = readUserCredentials(settings);
  const credentials = session && cached && remainingSeconds(cached, now) > 0 ? cached : undefined;
  const failure = readSharedFailure(settings.stateDirectory ?? "", sessionLockName(settings));
  return {
    settings,
    session,
    person,
    credentials,
    role: session && (person?.preferredRole ?? settings.authenticatedRoleArn),
    place: session && placeOf(settings, cached?.identityId),
    // A token that was got after the failure has a later expiry than one that was got before.
    failure: failure && session && session.expiresAt < failure.at ? failure.error.message : undefined,
  };
}

function placeOf({ s3 }: UserSettings, identityId: string | undefined): string | undefined {
  if (s3 === undefined) return undefined;
  if (!s3.userSpecific) return `s3://${s3.bucket}/${s3.prefix}`;
  return identityId === undefined ? undefined : `s3://${s3.bucket}/${s3.prefix}${identityId}/`;
}

/** The status as `--json` shows it. */
export function userStatusJson(status: UserStatus, now = Date.now()): string {
  const { settings, session, person, credentials, role, place, failure } = status;
  return JSON.stringify({
    profile: settings.profile,
    settings: settings.source,
    user_pool_id: settings.userPoolId,
    user: person ? { name: person.userName, email: person.email ?? null, groups: person.groups } : null,
    signed_in_at: session ? new Date(session.signedInAt).toISOString() : null,
    token_expires_at: session ? new Date(session.expiresAt).toISOString() : null,
    role: role ?? null,
    s3: place ?? null,
    credentials: credentials
      ? {
          access_key_id: credentials.accessKeyId,
          identity_id: credentials.identityId,
          expiration: credentials.expiration.toISOString(),
          seconds_left: Math.floor(remainingSeconds(credentials, now)),
        }
      : null,
    last_failure: failure ?? null,
  });
}

/** The status as lines for people. */
export function userStatusLines(status: UserStatus, now = Date.now()): string[] {
  const { settings, session, person, credentials, role, place, failure } = status;
  const row = (name: string, words: string) => `${name.padEnd(12)} ${words}`;
  const lines = [row("profile", `${settings.profile} (${settings.source})`)];
  if (session === undefined) return [...lines, row("signed in", `nobody: ${signInCommand(settings)}`)];
  const email = person?.email === undefined ? "" : ` (${person.email})`;
  return [
    ...lines,
    row("signed in", `${person?.userName ?? "unknown"}${email}, since ${new Date(session.signedInAt).toISOString()}`),
    row("groups", person?.groups.join(", ") || "none"),
    row("role", role ?? "as the identity pool chooses"),
    ...(settings.identityPoolId === undefined ? [] : [row("credentials", credentialsWords(credentials, now))]),
    row(
      "tokens",
      `until ${new Date(session.expiresAt).toISOString()}, then renewed until the user pool ends the sign-in`,
    ),
    ...(settings.s3 === undefined ? [] : [row("S3", place ?? "known with the first credentials")]),
    ...(failure === undefined ? [] : [row("last failure", failure)]),
  ];
}

function credentialsWords(credentials: UserCredentials | undefined, now: number): string {
  if (credentials === undefined) return "none that still work: the next command gets some";
  const seconds = Math.floor(remainingSeconds(credentials, now));
  const left =
    seconds < RENEW_BELOW_SECONDS ? `${seconds} s, renewed at the next use` : `${Math.floor(seconds / 60)} min`;
  return `${credentials.accessKeyId}, until ${credentials.expiration.toISOString()} (${left})`;
}
