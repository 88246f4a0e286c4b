import { type ApiRequest, apiEvent } from "../../../sandbox/lambda/api-event";

const IDENTITY = {
  accountId: "123456789012",
  apiId: "abc123",
  domainName: "abc123.execute-api.eu-west-1.amazonaws.com",
};
const NOW = new Date("2026-03-01T08:05:09.123Z");

function event(changes: Partial<ApiRequest> = {}) {
  const request: ApiRequest = {
    method: "POST",
    url: "/credentials",
    headers: { "content-type": "application/json", "user-agent": "test/1" },
    body: Buffer.from('{"access_token":"ä"}'),
    sourceIp: "127.0.0.1",
    ...changes,
  };
  return apiEvent(request, IDENTITY, "request-1", NOW);
}

it("has the fields of payload format 2.0", () => {
  expect(event()).toEqual({
    version: "2.0",
    routeKey: "POST /credentials",
    rawPath: "/credentials",
    rawQueryString: "",
    headers: { "content-type": "application/json", "user-agent": "test/1" },
    requestContext: {
      ...IDENTITY,
      domainPrefix: "abc123",
      http: { method: "POST", path: "/credentials", protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test/1" },
      requestId: "request-1",
      routeKey: "POST /credentials",
      stage: "$default",
      time: "01/Mar/2026:08:05:09 +0000",
      timeEpoch: NOW.getTime(),
    },
    body: '{"access_token":"ä"}',
    isBase64Encoded: false,
  });
});

it.each([
  ["application/json", false],
  ["application/json; charset=utf-8", false],
  ["application/problem+json", false],
  ["text/plain", false],
  ["application/x-www-form-urlencoded", true],
  ["application/octet-stream", true],
  [undefined, true],
])("the body of type %s is base64: %s", (type, isBase64Encoded) => {
  const body = Buffer.from([0x7b, 0xff, 0x7d]);
  const { body: handed, ...rest } = event({ headers: type === undefined ? {} : { "content-type": type }, body });
  expect(rest.isBase64Encoded).toBe(isBase64Encoded);
  expect(handed).toBe(body.toString(isBase64Encoded ? "base64" : "utf8"));
});

it("without a body has none", () => {
  expect(event({ body: Buffer.alloc(0) })).not.toHaveProperty("body");
});

it("query parameters and repeated headers are joined with commas, cookies stand apart", () => {
  const { rawQueryString, queryStringParameters, cookies, headers } = event({
    url: "/credentials?a=1&b=%20&a=2",
    headers: { cookie: "x=1; y=2", "x-list": ["p", "q"] as unknown as string },
  });
  expect({ rawQueryString, queryStringParameters, cookies, headers }).toEqual({
    rawQueryString: "a=1&b=%20&a=2",
    queryStringParameters: { a: "1,2", b: " " },
    cookies: ["x=1", "y=2"],
    headers: { "x-list": "p,q" },
  });
});
