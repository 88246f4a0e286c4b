import type { Settings } from "../settings/settings";
import { credentialsKey, readCachedCredentials, remainingSeconds } from "./cache";
import { type CredentialOptions, normalScopes, RENEW_BELOW_SECONDS } from "./request";
import type { AwsKeys, VendedCredentials } from "./vended";

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

/** Credentials from the cache, where it has some that live long enough. */
export function cachedCredentials(settings: Settings, options: CredentialOptions): VendedCredentials | undefined {
  if (options.cache === false) return undefined;
  const key = credentialsKey(settings, { ...options, scopes: normalScopes(options.scopes) });
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

/** Credentials in the form of credential_process: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
export function credentialProcessJson({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: AwsKeys & Pick<VendedCredentials, "expiration">): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  });
}
