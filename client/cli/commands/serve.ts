import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Command } from "commander";
import { InterruptedError, UsageError } from "../../core/errors";
import { stopSignals } from "../../core/interruption";
import { print, say } from "../../core/terminal";
import { remainingSeconds } from "../../credentials/cache";
import { refreshCredentials } from "../../credentials/refresh-loop";
import { parseRequest } from "../../credentials/request";
import { authorizationToken } from "../../serving/authorization-token";
import {
  CREDENTIALS_PATH,
  createCredentialServer,
  listenOnLoopback,
  type Offer,
} from "../../serving/credential-server";
import { ServiceManager } from "../../serving/service-manager";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

const DEFAULT_PORT = "9467";
/** Credentials that would expire on their way into a request are none. */
const MIN_USABLE_SECONDS = 15;

interface Options extends SettingOptions {
  readonly port: string;
  readonly tokenFile?: string;
  readonly scope?: string;
  readonly duration?: string;
}

export function register(program: Command): void {
  const command = program
    .command("serve")
    .description("serve credentials to AWS SDKs on this machine, which renew them by themselves")
    .option("--port <number>", "port on 127.0.0.1; 0 takes a free one", DEFAULT_PORT)
    .option("--token-file <file>", "the token that clients must show; made where there is none")
    .option("--scope <names>", "narrow them: write, read, delete, list, separated by commas")
    .option("--duration <seconds>", "how long they live at most: 900 to 3600");
  addSettingOptions(command).addHelpText("after", EXAMPLES).action(serve);
}

async function serve(options: Options): Promise<void> {
  const settings = settingsFrom(options);
  const request = {
    ...parseRequest(options),
    report: say,
  };
  const tokenFile = options.tokenFile ?? defaultTokenFile(settings.cacheDirectory);
  const manager = new ServiceManager(process.env, say);
  const stop = stopSignals();
  let offer: Offer = { code: "NotReady", message: "the first credentials are being asked for" };
  const server = createCredentialServer(authorizationToken(tokenFile), () => current(offer));
  await listenOnLoopback(server, parsePort(options.port));
  const { port } = server.address() as AddressInfo;
  print(`export AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:${port}${CREDENTIALS_PATH}`);
  print(`export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=${shellWord(tokenFile)}`);
  manager.startWatchdog();
  manager.notify("READY=1", `STATUS=listening on 127.0.0.1:${port}`);
  let wake = (): void => {};
  process.on("SIGHUP", () => wake());
  try {
    await refreshCredentials({
      settings: () => settingsFrom(options),
      options: request,
      signal: stop.signal,
      onCredentials: (credentials) => {
        offer = { credentials };
        say(`serving ${credentials.accessKeyId}, expires at ${credentials.expiration.toISOString()}`);
        manager.notify(`STATUS=serving credentials until ${credentials.expiration.toISOString()}`);
      },
      onFailure: (error, waitMs) => {
        say(`${error.message}; next try in ${Math.ceil(waitMs / 1000)} s`);
        if (error.remedy !== undefined) say(`what to do: ${error.remedy}`);
        if (!("credentials" in current(offer))) offer = { code: error.code, message: error.message };
        manager.notify(`STATUS=${error.message}`);
      },
      onWake: (listener) => {
        wake = listener;
      },
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    process.exitCode = stop.exitCode();
  } finally {
    manager.stop();
    server.close();
    server.closeAllConnections();
  }
}

/** What is offered now: credentials only as long as they work. */
function current(offer: Offer): Offer {
  if (!("credentials" in offer) || remainingSeconds(offer.credentials) >= MIN_USABLE_SECONDS) return offer;
  return { code: "Expired", message: "the credentials expired and could not be renewed" };
}

function defaultTokenFile(cacheDirectory: string | undefined): string {
  const { RUNTIME_DIRECTORY: systemd, XDG_RUNTIME_DIR: user } = process.env;
  const folder = systemd?.split(":")[0] ?? (user ? join(user, "oidc-s3") : cacheDirectory);
  if (folder) return join(folder, "container-token");
  throw new UsageError("this user has no folder for the token's file", { remedy: "Name one by --token-file" });
}

function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port: ${JSON.stringify(value)} is not a port`, {
    remedy: "Choose 1024 to 65535, or 0 for a free one",
  });
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const EXAMPLES = `
The two lines that it prints tell every AWS SDK where the credentials are. Only programs that can read the token's file
get any.

Examples:
  oidc-s3 serve
  oidc-s3 serve --port 0 --scope read
`;
