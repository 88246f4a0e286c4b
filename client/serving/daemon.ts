import { join } from "node:path";
import { LocalError } from "../core/errors";
import { makeFolder, writeFileAtomically } from "../core/files";
import { foreignWriterInto } from "../core/writers";
import { credentialProcessJson, getCredentials } from "../credentials/credentials";
import type { VendedCredentials } from "../credentials/vended";
import type { Settings } from "../settings/settings";
import { type CredentialRequest, keepFresh, startService } from "./service";
import { type LogFormat, ServiceLog } from "./service-log";

export interface DaemonOptions {
  readonly folder: string;
  /** Writes the files once instead of keeping them fresh. */
  readonly once: boolean;
  readonly log: LogFormat;
  /** Read anew for each renewal. */
  readonly settings: (warn: (message: string) => void) => Settings;
  readonly request: CredentialRequest;
}

/** The command `credential-daemon`. */
export async function runDaemon({ folder, once, request, ...options }: DaemonOptions): Promise<void> {
  const log = new ServiceLog(options.log);
  const settings = () => {
    const loaded = options.settings(log.warning);
    // A service without a home keeps its tokens beside its credentials: each new one is billed.
    return { ...loaded, cacheDirectory: loaded.cacheDirectory ?? join(folder, ".cache") };
  };
  // Wrong settings end the daemon at once: no waiting makes them right.
  const first = settings();
  requireOwnFolder(folder);
  const write = (credentials: VendedCredentials): void => {
    writeCredentialFiles(folder, credentials);
    log.info(`wrote ${folder}: ${credentials.accessKeyId}, expires at ${credentials.expiration.toISOString()}`);
  };
  if (once) {
    write(await getCredentials(first, { ...request, report: log.warning }));
    return;
  }
  const service = startService({ settings, request, log });
  const { manager } = service;
  let written: VendedCredentials | undefined;
  manager.startWatchdog();
  manager.notify("STATUS=asking for the first credentials");
  await keepFresh(service, {
    onCredentials: (credentials) => {
      write(credentials);
      const status = `STATUS=credentials until ${credentials.expiration.toISOString()}`;
      manager.notify(...(written ? [] : ["READY=1"]), status);
      written = credentials;
    },
    onFailure: (error, seconds) => {
      // Until it is ready systemd gives a service only so much time: an outage at boot is no reason to be killed.
      const extension = written ? [] : [`EXTEND_TIMEOUT_USEC=${(seconds + 90) * 1_000_000}`];
      manager.notify(`STATUS=${error.message}`, ...extension);
      return written ? `the files hold credentials until ${written.expiration.toISOString()}` : undefined;
    },
  });
}

/**
 * Writes the credentials in the three forms that programs read, each file whole or not at all and for this user alone.
 * @throws {LocalError} where one cannot be written; it is then as it was.
 */
export function writeCredentialFiles(folder: string, credentials: VendedCredentials): void {
  const files = credentialFiles(credentials);
  requireOwnFolder(folder);
  try {
    makeFolder(folder);
    for (const [name, content] of Object.entries(files)) writeFileAtomically(join(folder, name), content);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    throw new LocalError(`${path ?? folder} cannot be written (${code ?? String(error)})`, "files_not_written", {
      remedy: "Check the folder's owner and the free space; what stood in the files before is still there",
      cause: error,
    });
  }
}

/**
 * Who can write to the folder, or exchange it, can put other credentials in the files' place, and so send this server's
 * data elsewhere.
 * @throws {LocalError} where somebody else than this user and root can.
 */
function requireOwnFolder(path: string): void {
  const writer = foreignWriterInto(path);
  if (writer === undefined) return;
  const { fault, remedy } = writer;
  throw new LocalError(`no credentials are put into ${path}: ${fault}`, "folder_not_private", {
    remedy: `${remedy}, or name a folder of this user's own by --creds-dir`,
  });
}

/**
 * What each file holds. Shells, systemd and Docker (which takes quotes for a part of the value) have no way of quoting
 * in common: a value that would need one is refused.
 * @throws {LocalError} for such a value.
 */
export function credentialFiles(credentials: VendedCredentials): Readonly<Record<string, string>> {
  const { accessKeyId, secretAccessKey, sessionToken, region } = credentials;
  const expiration = credentials.expiration.toISOString();
  for (const value of [accessKeyId, secretAccessKey, sessionToken, region, expiration]) {
    if (!/^[\w/+=:.-]+$/.test(value))
      throw new LocalError("a value of the credentials would not be read alike by all programs", "value_not_plain");
  }
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
