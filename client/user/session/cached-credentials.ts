import { readPrivateFile, writeFileAtomically } from "../../core/files";
import { digest, remainingSeconds } from "../../credentials/cache";
import { RENEW_BELOW_SECONDS } from "../../credentials/request";
import { type AwsKeys, instant, keyFaults } from "../../credentials/vended";
import type { UserSettings } from "../settings/user-settings";

/** AWS credentials of a person. */
export interface UserCredentials extends AwsKeys {
  readonly expiration: Date;
  /** How far this machine's clock was ahead of the service's in seconds, when they were given. */
  readonly clockAheadSeconds: number;
  /** The person's id in the identity pool, which prefixes are named by. */
  readonly identityId: string;
}

/** The name under which a profile's files are kept: other pools, clients or addresses are other sessions. */
export function sessionKey({ profile, issuer, clientId, identityPoolId, endpoints }: UserSettings): string {
  const { cognito_idp: userPool, cognito_identity: identityPool, sts } = endpoints;
  return digest(["user", profile, issuer, clientId, identityPoolId ?? "", userPool, identityPool, sts]);
}

/** The profile's credentials, still valid or not; undefined where there are none that are whole. */
export function readUserCredentials(settings: UserSettings): UserCredentials | undefined {
  const { stateDirectory: folder } = settings;
  const text = folder === undefined ? undefined : readPrivateFile(folder, fileName(settings));
  if (text === undefined) return undefined;
  try {
    const parsed = JSON.parse(text) as UserCredentials;
    const expiration = instant(parsed.expiration);
    const { clockAheadSeconds, identityId } = parsed;
    if (expiration === undefined || typeof clockAheadSeconds !== "number" || typeof identityId !== "string")
      return undefined;
    return keyFaults(parsed).length > 0 ? undefined : { ...parsed, expiration };
  } catch {
    return undefined;
  }
}

/** The profile's credentials, where they live long enough not to be renewed. */
export function cachedUserCredentials(settings: UserSettings): UserCredentials | undefined {
  const cached = readUserCredentials(settings);
  return cached && remainingSeconds(cached) >= RENEW_BELOW_SECONDS ? cached : undefined;
}

/** @throws the error of node:fs. */
export function writeUserCredentials(settings: UserSettings, credentials: UserCredentials): void {
  writeFileAtomically(`${settings.stateDirectory}/${fileName(settings)}`, JSON.stringify(credentials));
}

function fileName(settings: UserSettings): string {
  return `${sessionKey(settings)}.credentials.json`;
}
