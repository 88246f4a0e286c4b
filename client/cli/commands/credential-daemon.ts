import { join } from "node:path";
import type { Command } from "commander";
import { InterruptedError } from "../../core/errors";
import { stopSignals } from "../../core/interruption";
import { say } from "../../core/terminal";
import { getCredentials } from "../../credentials/credentials";
import { refreshCredentials } from "../../credentials/refresh-loop";
import { parseRequest } from "../../credentials/request";
import type { VendedCredentials } from "../../credentials/vending";
import { writeCredentialFiles } from "../../serving/credential-files";
import { ServiceManager } from "../../serving/service-manager";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly credsDir: string;
  readonly scope?: string;
  readonly duration?: string;
  readonly once?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("credential-daemon")
    .description("keep files with credentials fresh, for programs that read them from files")
    .requiredOption("--creds-dir <folder>", "where credentials, aws-credentials.env and aws-credentials.json are kept")
    .option("--scope <names>", "narrow them: write, read, delete, list, separated by commas")
    .option("--duration <seconds>", "how long they live at most: 900 to 3600")
    .option("--once", "write the files once and end");
  addSettingOptions(command).addHelpText("after", EXAMPLES).action(credentialDaemon);
}

async function credentialDaemon(options: Options): Promise<void> {
  const settings = () => {
    const loaded = settingsFrom(options);
    // A service without a home keeps its tokens beside its credentials: each new one is billed.
    return { ...loaded, cacheDirectory: loaded.cacheDirectory ?? join(options.credsDir, ".cache") };
  };
  const request = {
    ...parseRequest(options),
    report: say,
  };
  // Wrong settings are told at once, by ending: no waiting makes them right.
  const first = settings();
  const take = (credentials: VendedCredentials): void => {
    writeCredentialFiles(options.credsDir, credentials);
    say(`wrote ${options.credsDir}: ${credentials.accessKeyId}, expires at ${credentials.expiration.toISOString()}`);
  };
  if (options.once) {
    take(await getCredentials(first, request));
    return;
  }
  const manager = new ServiceManager(process.env, say);
  const stop = stopSignals();
  let good: VendedCredentials | undefined;
  let wake = (): void => {};
  process.on("SIGHUP", () => wake());
  manager.startWatchdog();
  manager.notify("STATUS=asking for the first credentials");
  try {
    await refreshCredentials({
      settings,
      options: request,
      signal: stop.signal,
      onCredentials: (credentials) => {
        take(credentials);
        manager.notify(
          ...(good ? [] : ["READY=1"]),
          `STATUS=credentials until ${credentials.expiration.toISOString()}`,
        );
        good = credentials;
      },
      onFailure: (error, waitMs) => {
        const seconds = Math.ceil(waitMs / 1000);
        const kept = good ? `; the files hold credentials until ${good.expiration.toISOString()}` : "";
        say(`${error.message}; next try in ${seconds} s${kept}`);
        if (error.remedy !== undefined) say(`what to do: ${error.remedy}`);
        // Until it is ready systemd gives a service only so much time: an outage at boot is no reason to be killed.
        manager.notify(
          `STATUS=${error.message}`,
          ...(good ? [] : [`EXTEND_TIMEOUT_USEC=${(seconds + 90) * 1_000_000}`]),
        );
      },
      onWake: (listener) => {
        wake = listener;
      },
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    manager.stop();
    process.exitCode = stop.exitCode();
  }
}

const EXAMPLES = `
Files in the folder, each for this user alone, written whole or not at all:
  credentials            for AWS_SHARED_CREDENTIALS_FILE
  aws-credentials.env    for EnvironmentFile= of systemd, "docker run --env-file", "set -a; . FILE"
  aws-credentials.json   for credential_process = cat FILE
They are renewed when a third of their life is left, or at SIGHUP if they have less than that. The settings are read
anew each time, so a new secret needs no restart.

Examples:
  oidc-s3 credential-daemon --creds-dir /run/oidc-s3
  oidc-s3 credential-daemon --creds-dir /run/oidc-s3 --once      from a timer or a start script
`;
