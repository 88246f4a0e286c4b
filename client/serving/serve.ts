import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { LocalError, UsageError } from "../core/errors";
import { makeFolder, readPrivateFile, writeFileAtomically } from "../core/files";
import { stopSignals } from "../core/interruption";
import { Secret } from "../core/secret";
import { print, say } from "../core/terminal";
import { remainingSeconds } from "../credentials/cache";
import type { VendedCredentials } from "../credentials/vended";
import type { Settings } from "../settings/settings";
import { type CredentialRequest, keepFresh, ServiceManager } from "./service";

/** Credentials that would expire on their way into a request are of no use. */
const MIN_USABLE_SECONDS = 15;

export interface ServeOptions {
  /** A TCP port; 0 takes a free one. */
  readonly port: string;
  readonly tokenFile: string | undefined;
  /** Read anew for each renewal. */
  readonly settings: () => Settings;
  readonly request: CredentialRequest;
}

/** The command `serve`. */
export async function serve({ settings, request, ...options }: ServeOptions): Promise<void> {
  // Wrong settings end the service at once: no waiting makes them right.
  const { cacheDirectory } = settings();
  const tokenFile = options.tokenFile ?? defaultTokenFile(cacheDirectory);
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
  try {
    await keepFresh({
      settings,
      request,
      manager,
      stop,
      onCredentials: (credentials) => {
        offer = { credentials };
        say(`serving ${credentials.accessKeyId}, expires at ${credentials.expiration.toISOString()}`);
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

const CREDENTIALS_PATH = "/credentials";

/** What is served: credentials, or why there are none. */
type Offer = { readonly credentials: VendedCredentials } | { readonly code: string; readonly message: string };

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/**
 * The container credentials endpoint of AWS's SDKs on loopback:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * Every program and every web page on this machine can reach it, hence the token and the checks of headers.
 */
function createCredentialServer(token: Secret, offer: () => Offer): Server {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000 }, (request, response) => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    send(response, answerTo(request, port, token, offer));
  });
  server.maxConnections = 100;
  return server;
}

/** @throws {LocalError} where the port is taken. */
function listenOnLoopback(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new LocalError(`cannot listen on 127.0.0.1:${port} (${error.code})`, "port", {
          remedy: "Choose another port by --port; a second instance is not needed, all programs can use the first",
          cause: error,
        }),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
}

function answerTo(request: IncomingMessage, port: number, token: Secret, offer: () => Offer): Answer {
  const { host, origin, authorization } = request.headers;
  // A web page whose name was made to mean 127.0.0.1 comes with its own name as Host (DNS rebinding).
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)
    return refusal(403, "ForbiddenHost", "the Host header is not this endpoint");
  // SDKs send none; browsers do.
  if (origin !== undefined) return refusal(403, "ForbiddenOrigin", "web pages are not served");
  if (!sameText(authorization ?? "", token.reveal()))
    return refusal(401, "Unauthorized", "the Authorization header is not the token");
  if (request.method !== "GET") return refusal(405, "MethodNotAllowed", "only GET is served");
  if (request.url !== CREDENTIALS_PATH) return refusal(404, "NotFound", `only ${CREDENTIALS_PATH} is served`);
  const offered = offer();
  if (!("credentials" in offered)) return refusal(503, offered.code, offered.message);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = offered.credentials;
  return {
    status: 200,
    body: {
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: expiration.toISOString(),
    },
  };
}

/** The form of errors that SDKs read. */
function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { code, message } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(JSON.stringify(body));
}

/** In a time that says nothing of where two texts differ, nor of how long the expected one is. */
function sameText(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

/** SDKs send what the file holds as a header: no line break, and nothing that a header would not carry. */
const TOKEN = /^[\w-]{43,}$/;

/**
 * The token that clients must show, from its file, which only this user can read; a new one is made where there is
 * none. It stays the same from start to start, so that clients need not be started again with the service.
 * @throws {LocalError} where the file cannot be written.
 */
function authorizationToken(path: string): Secret {
  try {
    makeFolder(dirname(path));
    const present = readPrivateFile(dirname(path), basename(path));
    if (present !== undefined && TOKEN.test(present)) return new Secret(present);
    const token = randomBytes(32).toString("base64url");
    writeFileAtomically(path, token);
    return new Secret(token);
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
