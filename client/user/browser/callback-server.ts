import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { ClientError, EXIT_CODES, InterruptedError, LocalError } from "../../core/errors";

/** Where the browser comes back to after the sign-in. */
export interface CallbackServer {
  readonly redirectUri: string;
  /**
   * The first address that the browser comes back to and that `accept` takes; others are told to go away.
   * @throws what `accept` throws for the last one that it knows to be meant for it.
   */
  wait<T>(
    accept: (address: URL) => T,
    limits: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<T>;
  close(): void;
}

/** Both: a browser may take either for localhost, and nobody else on this machine shall have the other. */
const ADDRESSES = ["127.0.0.1", "::1"] as const;

/**
 * Listens on the first of the addresses whose port is free: Cognito sends the browser to no other.
 * @throws {LocalError} where all are taken.
 */
export async function listenForCallback(callbackUrls: readonly string[]): Promise<CallbackServer> {
  const taken: string[] = [];
  for (const redirectUri of callbackUrls) {
    const url = new URL(redirectUri);
    if (url.protocol !== "http:" || url.port === "") continue;
    const servers = await listen(Number(url.port));
    if (servers) return callbackServer(url, redirectUri, servers);
    taken.push(url.port);
  }
  throw new LocalError(
    taken.length === 0
      ? "the app client sends a browser to no port of this machine (callback_urls)"
      : `the ports that the browser may come back to are in use: ${taken.join(", ")}`,
    "no_callback_port",
    { remedy: "End what listens there, or sign in with --no-browser, or at the terminal with -u NAME" },
  );
}

/** Undefined where the port is taken on either address; one that this machine does not have is left out. */
async function listen(port: number): Promise<Server[] | undefined> {
  const servers: Server[] = [];
  for (const host of ADDRESSES) {
    const server = createServer();
    const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once("error", resolve);
      server.listen({ port, host, exclusive: true }, () => resolve(undefined));
    });
    if (failure === undefined) servers.push(server);
    else if (failure.code === "EADDRINUSE" || failure.code === "EACCES") {
      for (const open of servers) open.close();
      return undefined;
    }
  }
  return servers.length === 0 ? undefined : servers;
}

function callbackServer(url: URL, redirectUri: string, servers: readonly Server[]): CallbackServer {
  const close = (): void => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return {
    redirectUri,
    close,
    wait: (accept, { timeoutMs, signal }) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void): void => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", interrupt);
          settle();
        };
        const interrupt = (): void => end(() => reject(new InterruptedError()));
        const timer = setTimeout(() => end(() => reject(late(timeoutMs))), timeoutMs);
        signal?.addEventListener("abort", interrupt, { once: true });
        for (const server of servers) {
          server.on("request", (request, response) => {
            const address = addressOf(request, url);
            if (typeof address === "number") return answer(response, address);
            try {
              const accepted = accept(address);
              answer(response, 200, () => end(() => resolve(accepted)));
            } catch (error) {
              // Whoever does not know the state is not the browser that was sent: the wait goes on.
              if ((error as ClientError).code === "state_mismatch") return answer(response, 400);
              answer(response, 400, () => end(() => reject(error)));
            }
          });
        }
      }),
  };
}

/** The address that was asked for, or the status of the refusal: a page elsewhere must not get through. */
function addressOf({ method, headers, url: path = "" }: IncomingMessage, own: URL): URL | number {
  // Another host is a name that somebody lets point here.
  if (headers.host !== own.host) return 421;
  // A browser that is sent here has no origin to tell; a script of another page has.
  if (headers.origin !== undefined && headers.origin !== own.origin) return 403;
  if (headers["sec-fetch-mode"] !== undefined && headers["sec-fetch-mode"] !== "navigate") return 403;
  if (method !== "GET") return 405;
  const address = URL.canParse(path, own.origin) ? new URL(path, own.origin) : undefined;
  return address?.host === own.host && address.pathname === own.pathname ? address : 404;
}

const PAGES: ReadonlyMap<number, string> = new Map([
  [200, "Signed in. Go back to the terminal; this page may be closed."],
  [400, "This sign-in did not work. The terminal says why; this page may be closed."],
]);

function answer(response: ServerResponse, status: number, done?: () => void): void {
  const text = PAGES.get(status) ?? "Nothing here.";
  if (done) response.on("close", done);
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  });
  response.end(`<!doctype html><html lang="en"><title>oidc-s3</title><p>${text}</p></html>\n`);
}

function late(timeoutMs: number): ClientError {
  return new ClientError(
    `nobody signed in within ${Math.round(timeoutMs / 60_000)} minutes`,
    "sign_in_timeout",
    EXIT_CODES.refused,
    { remedy: "Start again; where no browser of this machine can be used: --no-browser, or -u NAME" },
  );
}
