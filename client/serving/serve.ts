import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { LocalError, UsageError } from "../core/errors";
import { makeFolder, readPrivateFile, requirePlaceOfRoot, writeFileAtomically } from "../core/files";
import { Secret } from "../core/secret";
import { print } from "../core/terminal";
import { remainingSeconds } from "../credentials/cache";
import type { Settings } from "../settings/settings";
import { CREDENTIALS_PATH, createCredentialServer, listenOnLoopback, type Offer } from "./endpoint";
import { type CredentialRequest, keepFresh, startService } from "./service";
import { type LogFormat, ServiceLog } from "./service-log";

/** Credentials that would expire on their way into a request are of no use. */
const MIN_USABLE_SECONDS = 15;
export const DEFAULT_PORT = 9467;

export interface ServeOptions {
  /** A TCP port; 0 takes a free one. */
  readonly port: string;
  readonly tokenFile: string | undefined;
  /** Takes the token that the file holds, where it holds one, instead of a new one. */
  readonly keepToken: boolean;
  readonly log: LogFormat;
  /** Read anew for each renewal. */
  readonly settings: (warn: (message: string) => void) => Settings;
  readonly request: CredentialRequest;
}

/** The command `serve`. */
export async function serve({ request, ...options }: ServeOptions): Promise<void> {
  const log = new ServiceLog(options.log);
  const settings = () => options.settings(log.warning);
  // Wrong settings end the service at once: no waiting makes them right.
  const { cacheDirectory } = settings();
  const service = startService({ settings, request, log });
  const { manager } = service;
  let offer: Offer = { code: "NotReady", message: "the first credentials are being asked for" };
  let token = newToken();
  const server = createCredentialServer(
    () => token,
    () => current(offer),
  );
  await listenOnLoopback(server, parsePort(options.port));
  try {
    const { port } = server.address() as AddressInfo;
    const tokenFile = options.tokenFile ?? defaultTokenFile(cacheDirectory, port);
    // Only now: an instance that finds its port taken must not replace the token of the one that has it.
    token = authorizationToken(tokenFile, token, options.keepToken);
    printEnvironment(port, tokenFile);
    manager.startWatchdog();
    manager.notify("READY=1", `STATUS=listening on 127.0.0.1:${port}`);
    await keepFresh(service, {
      onCredentials: (credentials) => {
        offer = { credentials };
        log.info(`serving ${credentials.accessKeyId}, expires at ${credentials.expiration.toISOString()}`);
        manager.notify(`STATUS=serving credentials until ${credentials.expiration.toISOString()}`);
      },
      onFailure: (error) => {
        if (!("credentials" in current(offer))) offer = { code: error.code, message: error.message };
        manager.notify(`STATUS=${error.message}`);
        return undefined;
      },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** What a shell is to run before the programs. The token itself is not in it: what a service prints is logged. */
function printEnvironment(port: number, tokenFile: string): void {
  const file = shellWord(tokenFile);
  print(`export AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:${port}${CREDENTIALS_PATH}`);
  print(`export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=${file}`);
  print(`# for SDKs that read no such file, instead: export AWS_CONTAINER_AUTHORIZATION_TOKEN="$(cat ${file})"`);
}

/** What is offered now: credentials only as long as they work. */
function current(offer: Offer): Offer {
  if (!("credentials" in offer) || remainingSeconds(offer.credentials) >= MIN_USABLE_SECONDS) return offer;
  return { code: "Expired", message: "the credentials expired and could not be renewed" };
}

/** One for each port: instances beside each other must not replace each other's token. */
function defaultTokenFile(cacheDirectory: string | undefined, port: number): string {
  const { RUNTIME_DIRECTORY: systemd, XDG_RUNTIME_DIR: user } = process.env;
  // A unit's folder is its own.
  const name = systemd || port === DEFAULT_PORT ? "container-token" : `container-token-${port}`;
  const folder = systemd?.split(":")[0] ?? (user ? join(user, "oidc-s3") : cacheDirectory);
  if (folder) return join(folder, name);
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

/** SDKs send what the file holds as a header: no line break, and nothing that a header would not carry. */
const TOKEN = /^[\w-]{43,}$/;

function newToken(): Secret {
  return new Secret(randomBytes(32).toString("base64url"));
}

/**
 * Puts the token that clients must show into its file, which only this user can read. It is a new one at each start:
 * a program that took the port while the service was down may have been sent the old one. The current SDKs for Python
 * and JavaScript read the file before each request; for those that read it once, `keep` takes the one that is there.
 * @throws {LocalError} where the file cannot be written.
 */
function authorizationToken(path: string, fresh: Secret, keep: boolean): Secret {
  requirePlaceOfRoot(path);
  try {
    makeFolder(dirname(path));
    const present = keep ? readPrivateFile(dirname(path), basename(path)) : undefined;
    if (present !== undefined && TOKEN.test(present)) return new Secret(present);
    writeFileAtomically(path, fresh.reveal());
    return fresh;
  } catch (error) {
    throw new LocalError(
      `the token's file ${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      "token_file",
      {
        remedy: "Name another one by --token-file",
        cause: error,
      },
    );
  }
}
