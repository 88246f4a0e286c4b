import { spawn } from "node:child_process";
import { constants } from "node:os";
import { LocalError } from "../core/errors";
import { getCredentials } from "../credentials/credentials";
import type { CredentialOptions } from "../credentials/request";
import type { Settings } from "../settings/settings";

/** What an SDK would take before, or that the command has no need to know. */
const REMOVED = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN", "COGNITO_CLIENT_SECRET"];
const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The command `exec`: runs another command with credentials in its environment, which it cannot renew.
 * @returns that command's exit code; 128 and the signal's number where a signal ended it, as in shells.
 * @throws {LocalError} where it cannot be started.
 */
export async function execute(
  [command = "", ...args]: readonly string[],
  settings: Settings,
  request: CredentialOptions,
): Promise<number> {
  // A command may run for a while: what is nearly used up is renewed before.
  const credentials = await getCredentials(settings, { ...request, minRemainingSeconds: 1800 });
  const env: NodeJS.ProcessEnv = { ...process.env };
  for (const name of REMOVED) delete env[name];
  env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  env.AWS_SESSION_TOKEN = credentials.sessionToken;
  env.AWS_CREDENTIAL_EXPIRATION = credentials.expiration.toISOString();
  env.AWS_REGION = credentials.region;
  const child = spawn(command, args, { stdio: "inherit", env });
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (error: NodeJS.ErrnoException) =>
        reject(new LocalError(`${command} cannot be started (${error.code})`, "not_started", { cause: error })),
      );
      child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    });
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}
