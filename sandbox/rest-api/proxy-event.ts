import type { APIGatewayProxyEvent } from "aws-lambda";
import { commonLogTime } from "../lambda/api-event";
import type { GatewayRequest } from "./gateway-request";

/**
 * The event that a REST API passes to its function, payload format 1.0:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function proxyEvent(request: GatewayRequest): APIGatewayProxyEvent {
  const { httpMethod, path, rawHeaders, query, stage, route, claims, apiId, accountId, requestId, now, body } = request;
  const headers = listsByName(pairsOf(rawHeaders));
  const parameters = listsByName([...new URLSearchParams(query)]);
  const domainName = lastOf(headers, "host") ?? "";
  const { resourceId, resourcePath } = route;
  return {
    resource: resourcePath,
    path,
    httpMethod,
    headers: lastOfEach(headers) ?? {},
    multiValueHeaders: headers,
    queryStringParameters: lastOfEach(parameters),
    multiValueQueryStringParameters: orNull(parameters),
    pathParameters: orNull(decoded(request.pathParameters)),
    stageVariables: orNull(stage.variables),
    requestContext: {
      accountId,
      apiId,
      authorizer: claims === undefined ? null : { claims: claimTexts(claims) },
      domainName,
      domainPrefix: domainName.split(".")[0] ?? "",
      extendedRequestId: requestId,
      httpMethod,
      identity: { ...NOBODY, sourceIp: request.sourceIp, userAgent: lastOf(headers, "user-agent") ?? null },
      path: `/${stage.name}${path}`,
      protocol: "HTTP/1.1",
      requestId,
      requestTime: commonLogTime(now),
      requestTimeEpoch: now.getTime(),
      resourceId,
      resourcePath,
      stage: stage.name,
    },
    // A REST API passes on every body as text, unless it is told which media types are binary.
    body: body.length === 0 ? null : body.toString("utf8"),
    isBase64Encoded: false,
  };
}

/** Of callers with an AWS identity, which this is not. */
const NOBODY = {
  accessKey: null,
  accountId: null,
  apiKey: null,
  apiKeyId: null,
  caller: null,
  clientCert: null,
  cognitoAuthenticationProvider: null,
  cognitoAuthenticationType: null,
  cognitoIdentityId: null,
  cognitoIdentityPoolId: null,
  principalOrgId: null,
  user: null,
  userArn: null,
} as const;

type Lists = Record<string, string[]>;

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  return rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ""]] : []));
}

function listsByName(pairs: readonly (readonly [name: string, value: string])[]): Lists {
  const lists = new Map<string, string[]>();
  for (const [name, value] of pairs) lists.set(name, [...(lists.get(name) ?? []), value]);
  return Object.fromEntries(lists);
}

function lastOfEach(lists: Lists): Record<string, string> | null {
  return orNull(Object.fromEntries(Object.entries(lists).map(([name, values]) => [name, values.at(-1) ?? ""])));
}

function lastOf(headers: Lists, wanted: string): string | undefined {
  return Object.entries(headers)
    .find(([name]) => name.toLowerCase() === wanted)?.[1]
    .at(-1);
}

function orNull<T extends object>(values: T): T | null {
  return Object.keys(values).length === 0 ? null : values;
}

function decoded(parameters: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decodeURIComponent(value)]));
}

/** Claims are texts there, and times are dates like "Tue Apr 17 11:11:24 UTC 2018". */
function claimTexts(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      name === "exp" || name === "iat" ? dateText(Number(value)) : String(value),
    ]),
  );
}

function dateText(seconds: number): string {
  const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(
    new Date(seconds * 1000).toUTCString(),
  ) as RegExpExecArray;
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
