import {
  Agent,
  request as httpRequest,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from "node:http";
import type { Readable } from "node:stream";
import { readBody } from "../process/loopback-server";

/** The emulator drops connections when too many arrive at once; requests beyond this number wait their turn. */
const MAX_CONNECTIONS = 32;

/** Headers of the connection to us, not of the message: RFC 9110, section 7.6.1. `Expect` is answered by ourselves. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "te", "upgrade", "expect"]);

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
}

/** An answer that was read to its end; its length is not among the headers. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

const LENGTHS = ["transfer-encoding", "content-length"];

/** Forwards requests to the emulator. */
export class Upstream {
  private readonly agent = new Agent({ maxSockets: MAX_CONNECTIONS });
  private readonly host: string;
  private readonly port: string;

  constructor(emulatorUrl: string) {
    const { hostname, port } = new URL(emulatorUrl);
    this.host = hostname;
    this.port = port;
  }

  /** Sends a request with its body, streamed or whole, and resolves with the answer as soon as its head has arrived. */
  send({ method, path, headers }: UpstreamRequest, body: Readable | Buffer): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { host, port, agent } = this;
      const upstream = httpRequest({ host, port, agent, method, path, headers, setHost: false }, resolve);
      upstream.once("error", reject);
      if (Buffer.isBuffer(body)) {
        upstream.end(body);
        return;
      }
      body.pipe(upstream);
      // A client that went away must not leave the emulator waiting for the rest.
      body.once("close", () => {
        if (!body.readableEnded) upstream.destroy(new Error("the client closed the connection"));
      });
    });
  }

  /**
   * Passes a request on with this body in the place of its own, and reads the whole answer.
   * @param without headers, in lower case, that no longer fit the body
   * @param added headers in the place of those
   */
  async exchange(
    { method = "GET", url = "/", rawHeaders }: IncomingMessage,
    body: Buffer,
    limit: number,
    without: readonly string[] = [],
    added: OutgoingHttpHeaders = {},
  ): Promise<WholeAnswer> {
    const headers = { ...passedOn(rawHeaders, [...LENGTHS, ...without]), ...added, "Content-Length": body.length };
    const answer = await this.send({ method, path: url, headers }, body);
    return {
      status: answer.statusCode ?? 502,
      headers: passedOn(answer.rawHeaders, LENGTHS),
      body: await readBody(answer, limit),
    };
  }

  close(): void {
    this.agent.destroy();
  }
}

export function sendWhole(response: ServerResponse, { status, headers, body }: WholeAnswer): void {
  response.writeHead(status, { ...headers, "Content-Length": body.length });
  response.end(body);
}

/** The headers to pass on, in their original spelling, repeated ones included. */
export function passedOn(rawHeaders: readonly string[], without: readonly string[] = []): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  const spelling = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower) || without.includes(lower)) continue;
    const known = spelling.get(lower);
    if (known === undefined) {
      spelling.set(lower, name);
      headers[name] = value;
    } else {
      headers[known] = [headers[known] ?? [], value].flat();
    }
  }
  return headers;
}
