import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface Sent {
  readonly method?: string;
  /** Names and values in turn, repeated names included. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends a request with its path and headers as they are, which fetch and curl would tidy up. */
export async function sendRaw(origin: string, path: string, sent: Sent = {}): Promise<RawAnswer> {
  const { method = "GET", headers = [], body } = sent;
  const { hostname, port, host } = new URL(origin);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest({ hostname, port, path, method, headers: ["host", host, ...headers] }, resolve)
      .once("error", reject)
      .end(body);
  });
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}
