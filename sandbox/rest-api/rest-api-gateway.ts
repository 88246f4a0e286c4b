import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { BodyTooLargeError, readBody, sendJson, serveOnLoopback } from "../process/loopback-server";
import { ANSWERS, GatewayError } from "./answers";
import type { Claims, CognitoAuthorizer } from "./authorizer";
import type { Access } from "./deployed-api";
import type { FunctionBackend } from "./function-backend";
import type { BackendAnswer, GatewayRequest } from "./gateway-request";
import { mockAnswer } from "./mock-backend";
import type { ServedStage, Stages } from "./stages";
import { urlAnswer } from "./url-backend";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
/** A stage, and the path in it. */
const TARGET = /^\/([A-Za-z0-9_-]{1,128})(\/.*)?$/s;

export interface RestApiGatewayOptions {
  readonly apiId: string;
  readonly accountId: string;
  readonly stages: Stages;
  readonly authorizer: CognitoAuthorizer;
  readonly backendOf: (functionArn: string) => FunctionBackend;
  /** What went wrong on the gateway's side. It never holds a token. */
  readonly report: (error: unknown) => void;
}

export interface RestApiGateway {
  /** The address of one stage; it ends with a slash. */
  endpointOf(stage: string): string;
  /** How many requests it has received since the start. */
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Serves the stages of one REST API: what is not deployed is answered as API Gateway does, and reaches no backend. */
export async function startRestApiGateway(options: RestApiGatewayOptions): Promise<RestApiGateway> {
  const { report } = options;
  let requests = 0;
  const server = await serveOnLoopback(async (request, response) => {
    requests += 1;
    const requestId = randomUUID();
    response.setHeader("x-amzn-requestid", requestId);
    try {
      sendAnswer(response, await answer(request, requestId, options));
    } catch (error) {
      // A client that still sends is heard out, or it would not read the answer.
      request.resume();
      const known = error instanceof GatewayError ? error : new GatewayError("gatewayFault", error);
      if (known.cause !== undefined) report(known.cause);
      const { status, message, type } = ANSWERS[known.answer];
      sendJson(response, status, { message }, { "x-amzn-errortype": type });
    }
  }, report);
  return {
    endpointOf: (stage) => `${server.url}/${stage}/`,
    requests: () => requests,
    close: () => server.close(),
  };
}

async function answer(
  request: IncomingMessage,
  requestId: string,
  { apiId, accountId, stages, authorizer, backendOf }: RestApiGatewayOptions,
): Promise<BackendAnswer> {
  const { method: httpMethod = "", url = "", rawHeaders, socket } = request;
  const [target = "", query = ""] = url.split(/\?(.*)/s, 2);
  const [, stageName, path = "/"] = TARGET.exec(target) ?? [];
  const stage = stageName === undefined ? undefined : await stages.find(stageName);
  if (stage === undefined) throw new GatewayError("noRoute");
  const { route, pathParameters } = routeOf(stage, httpMethod, path);
  const claims = await claimsOf(rawHeaders, route.access, authorizer);
  const accepted: GatewayRequest = {
    apiId,
    accountId,
    requestId,
    now: new Date(),
    stage,
    route,
    claims,
    httpMethod,
    path,
    pathParameters,
    query,
    rawHeaders,
    body: await bodyOf(request),
    sourceIp: socket.remoteAddress ?? "",
  };
  const { integration } = route;
  if (integration.kind === "function") return backendOf(integration.functionArn).answer(accepted);
  return integration.kind === "url" ? urlAnswer(integration, accepted) : mockAnswer(integration, accepted);
}

function routeOf({ routes }: ServedStage, httpMethod: string, path: string) {
  const found = routes.find(httpMethod, path);
  if (found === undefined) throw new GatewayError("noRoute");
  const { route, pathParameters } = found;
  if ("unsupported" in route) {
    const place = `${route.httpMethod} ${route.resourcePath}`;
    throw new GatewayError("gatewayFault", new Error(`${place} is not served here: ${route.unsupported}`));
  }
  if (!Object.values(pathParameters).every(isDecodable)) throw new GatewayError("noRoute");
  return { route, pathParameters };
}

async function claimsOf(
  rawHeaders: readonly string[],
  access: Access,
  authorizer: CognitoAuthorizer,
): Promise<Claims | undefined> {
  if (access.kind === "anyone") return undefined;
  const wanted = access.header.toLowerCase();
  // Node.js keeps only the first of two headers of this name in `headers`.
  const values = rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
  return authorizer.authorise(values, access);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  try {
    return await readBody(request, MAX_BODY_BYTES);
  } catch (error) {
    throw error instanceof BodyTooLargeError ? new GatewayError("requestTooLarge") : error;
  }
}

function sendAnswer(response: ServerResponse, { status, headers, body }: BackendAnswer): void {
  response.writeHead(status, { ...headers, "content-length": body.length });
  response.end(body);
}
