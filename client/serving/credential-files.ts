import { join } from "node:path";
import { LocalError } from "../core/errors";
import { makeFolder, writeFileAtomically } from "../core/files";
import { credentialProcessJson } from "../credentials/credentials";
import type { VendedCredentials } from "../credentials/vending";

/**
 * Writes the credentials in the three forms that programs read, each file whole or not at all and for this user alone.
 * @throws {LocalError} where one cannot be written; it is then as it was.
 */
export function writeCredentialFiles(folder: string, credentials: VendedCredentials): void {
  try {
    makeFolder(folder);
    for (const [name, content] of Object.entries(credentialFiles(credentials)))
      writeFileAtomically(join(folder, name), content);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new LocalError(`${path ?? folder} cannot be written (${code ?? String(error)})`, "files_not_written", {
      remedy: "Check the folder's owner and the free space; what stood in the files before is still there",
      cause: error,
    });
  }
}

/** What each file holds; none of the values has a character that an INI, a shell or systemd would read otherwise. */
export function credentialFiles(credentials: VendedCredentials): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const expiration = credentials.expiration.toISOString();
  return {
    credentials: [
      `# Kept fresh by oidc-s3 credential-daemon; these expire at ${expiration}`,
      "[default]",
      `aws_access_key_id = ${accessKeyId}`,
      `aws_secret_access_key = ${secretAccessKey}`,
      `aws_session_token = ${sessionToken}`,
      "",
    ].join("\n"),
    "aws-credentials.env": [
      `AWS_ACCESS_KEY_ID=${accessKeyId}`,
      `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
      `AWS_SESSION_TOKEN=${sessionToken}`,
      `AWS_CREDENTIAL_EXPIRATION=${expiration}`,
      `AWS_REGION=${region}`,
      "",
    ].join("\n"),
    "aws-credentials.json": `${credentialProcessJson(credentials)}\n`,
  };
}
