import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { passedOn } from "../aws/upstream";
import { readBody } from "../process/loopback-server";
import { GatewayError } from "./answers";
import type { BackendAnswer, GatewayRequest } from "./gateway-request";
import type { UrlIntegration } from "./integration";

/** API Gateway's limits, of the time and of the answer. */
const LIMIT_MS = 29_000;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

/** Passes a request on to an address, with its method, query, headers and body, and follows no redirect. */
export async function urlAnswer(integration: UrlIntegration, request: GatewayRequest): Promise<BackendAnswer> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    const answer = await send(addressOf(integration, request), integration, request, signal);
    const body = await readBody(answer, MAX_ANSWER_BYTES);
    const headers = passedOn(answer.rawHeaders, ["transfer-encoding", "content-length"]);
    return { status: answer.statusCode ?? 502, headers, body };
  } catch (error) {
    throw new GatewayError(signal.aborted ? "backendTimeout" : "gatewayFault", error);
  }
}

function addressOf({ uri, pathParameters }: UrlIntegration, request: GatewayRequest): URL {
  const path = uri.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const value = request.pathParameters[pathParameters[name] ?? ""];
    return value ?? whole;
  });
  const url = new URL(path);
  if (request.query !== "") url.search = [url.search.slice(1), request.query].filter(Boolean).join("&");
  return url;
}

function send(
  url: URL,
  { httpMethod }: UrlIntegration,
  request: GatewayRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const headers = passedOn([...request.rawHeaders], ["host", "transfer-encoding", "content-length"]);
  if (request.body.length > 0) headers["Content-Length"] = request.body.length;
  const method = httpMethod === "ANY" ? request.httpMethod : httpMethod;
  return new Promise((resolve, reject) => {
    const start = url.protocol === "https:" ? httpsRequest : httpRequest;
    start(url, { method, headers, signal }, resolve).once("error", reject).end(request.body);
  });
}
