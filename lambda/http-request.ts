import { once } from "node:events";
import type { Agent, IncomingHttpHeaders, IncomingMessage } from "node:http";
import https from "node:https";
import { TimeLimitError } from "./deadline";

/** Not imported: an import reads every export, and those that come from undici cost 20 ms on Node.js 22. */
const http = process.getBuiltinModule("node:http");

/** An answer that cannot be used: cut short, too large or of another kind. The message holds nothing of it. */
export class UnusableAnswerError extends Error {
  override readonly name = "UnusableAnswerError";
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface HttpRequestOptions
  extends Pick<https.RequestOptions, "method" | "headers" | "signal" | "agent" | "timeout"> {
  readonly body?: string;
  /** Bytes that an answer may have. */
  readonly maxBytes: number;
}

/**
 * One HTTP request by Node.js's own client: `fetch` adds 10 ms to a cold start. Redirects are not followed.
 * @throws {UnusableAnswerError | TimeLimitError | Error} where there is no whole answer; an Error has Node.js's `code`.
 */
export async function httpRequest(url: URL, { body, maxBytes, ...options }: HttpRequestOptions): Promise<HttpAnswer> {
  const request = (url.protocol === "https:" ? https : http).request(url, options);
  // An error after the response is the response's too, where it is handled.
  request.on("error", () => {});
  request.on("timeout", () => request.destroy(new TimeLimitError(`silent for ${options.timeout} ms`)));
  request.end(body);
  try {
    const [response] = (await once(request, "response")) as [IncomingMessage];
    const text = await readText(response, maxBytes);
    return { status: response.statusCode ?? 0, headers: response.headers, text };
  } catch (error) {
    request.destroy();
    throw error;
  }
}

/** Connections to this address that are kept for the next request. */
export function keptConnections({ protocol }: URL): Agent {
  return new (protocol === "https:" ? https : http).Agent({ keepAlive: true, maxSockets: 50 });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw new UnusableAnswerError(`more than ${maxBytes} bytes`);
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
