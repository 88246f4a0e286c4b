import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { LocalError } from "../core/errors";
import type { Secret } from "../core/secret";
import type { VendedCredentials } from "../credentials/vended";

export const CREDENTIALS_PATH = "/credentials";
const HEALTH_PATH = "/health";

/** SDKs send their request at once and are answered at once: what takes longer holds a place for nothing. */
const CONNECTION_MS = 1_500;
const MAX_CONNECTIONS = 100;

/** What is served: credentials, or why there are none. */
export type Offer = { readonly credentials: VendedCredentials } | { readonly code: string; readonly message: string };

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/**
 * The container credentials endpoint of AWS's SDKs, for loopback:
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 * Every program and every web page on this machine can reach it, hence the token and the checks of headers.
 */
export function createCredentialServer(token: () => Secret, offer: () => Offer): Server {
  const server = createServer((request, response) => {
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    send(response, answerTo(request, port, token(), offer));
  });
  server.on("connection", limitConnections());
  return server;
}

/**
 * Ends each connection soon, and the oldest at once where a new one finds no place: whoever opens connections and sends
 * nothing locks nobody out who does send a request.
 */
function limitConnections(): (socket: Socket) => void {
  const open = new Set<Socket>();
  return (socket) => {
    // A Set keeps the order in which they came.
    for (const oldest of open) {
      if (open.size < MAX_CONNECTIONS) break;
      open.delete(oldest);
      oldest.destroy();
    }
    open.add(socket);
    const timer = setTimeout(() => socket.destroy(), CONNECTION_MS).unref();
    socket.once("close", () => {
      clearTimeout(timer);
      open.delete(socket);
    });
  };
}

/** @throws {LocalError} where the port is taken. */
export function listenOnLoopback(server: Server, port: number): Promise<void> {
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
  if (request.url === HEALTH_PATH && request.method === "GET") return health(offer());
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

/** For monitoring, which has no token: whether there are credentials that work, and nothing about them or the fault. */
function health(offered: Offer): Answer {
  return "credentials" in offered
    ? { status: 200, body: { status: "ok" } }
    : { status: 503, body: { status: "no credentials" } };
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
