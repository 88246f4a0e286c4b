import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { BodyTooLargeError, readBody, sendJson, serveOnLoopback } from "../process/loopback-server";
import { type ApiIdentity, apiEvent } from "./api-event";
import type { LambdaFunction } from "./lambda-function";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, of a synchronous invocation. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
const ROUTE = "/credentials";

export interface ApiGateway {
  /** The credential vending API's address. */
  readonly url: string;
  /** How many requests the API has received since the start. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Serves the HTTP API: its one route invokes the function, and everything else is not found. */
export async function startApiGateway(
  vending: LambdaFunction,
  identity: ApiIdentity,
  report?: (error: unknown) => void,
): Promise<ApiGateway> {
  let requests = 0;
  const server = await serveOnLoopback(async (request, response) => {
    requests += 1;
    const requestId = randomUUID();
    response.setHeader("apigw-requestid", requestId);
    if (request.method !== "POST" || (request.url ?? "").split("?")[0] !== ROUTE) {
      request.resume();
      sendJson(response, 404, { message: "Not Found" });
      return;
    }
    const event = await eventOf(request, identity, requestId);
    if (event === undefined) {
      sendJson(response, 413, { message: "Request Entity Too Large" }, { connection: "close" });
      return;
    }
    try {
      sendResult(response, await vending.invoke(event));
    } catch (error) {
      report?.(error);
      const timedOut = (error as Error).name === "FunctionTimeoutError";
      sendJson(response, timedOut ? 503 : 500, { message: timedOut ? "Service Unavailable" : "Internal Server Error" });
    }
  }, report);
  return { url: `${server.url}${ROUTE}`, requests: () => requests, close: () => server.close() };
}

async function eventOf(request: IncomingMessage, identity: ApiIdentity, requestId: string) {
  try {
    const body = await readBody(request, MAX_BODY_BYTES);
    const { method = "", url = "/", headers, socket } = request;
    const sourceIp = socket.remoteAddress ?? "";
    const event = apiEvent({ method, url, headers, body, sourceIp }, identity, requestId, new Date());
    return JSON.stringify(event).length > MAX_EVENT_BYTES ? undefined : event;
  } catch (error) {
    if (error instanceof BodyTooLargeError) return undefined;
    throw error;
  }
}

interface StructuredResult {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string | number | boolean>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

/** An answer without a status is the body of a success, as payload format 2.0 defines it. */
function sendResult(response: ServerResponse, result: unknown): void {
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    sendJson(response, 200, result);
    return;
  }
  const { statusCode, headers = {}, cookies = [], body = "", isBase64Encoded } = result as StructuredResult;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, String(value));
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.setHeader("content-length", bytes.length);
  response.writeHead(statusCode);
  response.end(bytes);
}
