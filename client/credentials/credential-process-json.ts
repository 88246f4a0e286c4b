import type { VendedCredentials } from "./vending";

/** Credentials in the form of credential_process: https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html */
export function credentialProcessJson({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: VendedCredentials): string {
  return JSON.stringify({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: expiration.toISOString(),
  });
}
