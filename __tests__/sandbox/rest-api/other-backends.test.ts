import { type LoopbackServer, readBody, serveOnLoopback } from "../../../sandbox/process/loopback-server";
import type { GatewayRequest } from "../../../sandbox/rest-api/gateway-request";
import type { MockIntegration, UrlIntegration } from "../../../sandbox/rest-api/integration";
import { mockAnswer } from "../../../sandbox/rest-api/mock-backend";
import { urlAnswer } from "../../../sandbox/rest-api/url-backend";
import { failure, mock, requestOf } from "./support/deployed";

describe("a built-in answer", () => {
  const post = (type: string, body = "") =>
    requestOf({ httpMethod: "POST", rawHeaders: ["Content-Type", type], body: Buffer.from(body) });

  it("is the deployed text", () => {
    const answer = mockAnswer(mock('{"Result":"Success"}'), requestOf());
    expect({ ...answer, body: String(answer.body) }).toEqual({
      status: 200,
      headers: { "content-type": "application/json" },
      body: '{"Result":"Success"}',
    });
  });

  it("is that of the status that the request's template gives", () => {
    const template = { "application/json": '{"statusCode": 404}' };
    const responses = [
      { statusCode: "200", responseTemplates: { "application/json": "ok" } },
      { statusCode: "410", selectionPattern: "40\\d", responseTemplates: { "text/plain": "gone" } },
    ];
    const answer = mockAnswer(mock("", { requestTemplates: template, responses }), requestOf());
    expect([answer.status, answer.headers, String(answer.body)]).toEqual([
      410,
      { "content-type": "text/plain" },
      "gone",
    ]);
  });

  const cases: [string, Partial<MockIntegration>, GatewayRequest, string][] = [
    ["a body of the template's type", {}, post("application/json; charset=utf-8", "{}"), "answered"],
    ["a body of another type", {}, post("text/plain"), "unsupportedMediaType"],
    [
      "another type, never passed on",
      { passthroughBehavior: "NEVER", requestTemplates: {} },
      post("text/plain"),
      "unsupportedMediaType",
    ],
    [
      "a body that is its own template",
      { passthroughBehavior: "WHEN_NO_MATCH" },
      post("text/plain", '{"statusCode":200}'),
      "answered",
    ],
    ["a body that is no template", { passthroughBehavior: "WHEN_NO_MATCH" }, post("text/plain", "x"), "gatewayFault"],
    ["a template without a status", { requestTemplates: { "application/json": "{}" } }, requestOf(), "gatewayFault"],
    ["a status without a response", { responses: [] }, requestOf(), "gatewayFault"],
    [
      "a template with a variable",
      { requestTemplates: { "application/json": "$input.json('$')" } },
      requestOf(),
      "gatewayFault",
    ],
    ["a response with a directive", mock("#if(true)x#end"), requestOf(), "gatewayFault"],
    ["a response with a price", mock("5 $ for #1"), requestOf(), "answered"],
  ];
  it.each(cases)("to %s", async (_, changes, request, outcome) => {
    expect(await failure(() => mockAnswer(mock("{}", changes), request))).toBe(outcome);
  });
});

describe("an address", () => {
  let server: LoopbackServer;
  let seen: { method?: string | undefined; url?: string | undefined; headers: Record<string, unknown>; body: string };
  beforeAll(async () => {
    server = await serveOnLoopback(async (request, response) => {
      const { method, url, headers } = request;
      seen = { method, url, headers, body: (await readBody(request, 1000)).toString() };
      response.writeHead(url?.startsWith("/moved") ? 302 : 203, { location: "/elsewhere", "x-a": "1" }).end("there");
    });
  });
  afterAll(() => server.close());
  const to = (path: string, changes: Partial<UrlIntegration> = {}): UrlIntegration => ({
    kind: "url",
    httpMethod: "ANY",
    uri: `${server.url}${path}`,
    pathParameters: {},
    ...changes,
  });

  it("gets the request as it is, and answers as it does", async () => {
    const rawHeaders = ["Host", "api.example", "X-B", "2", "Connection", "close", "Authorization", "Bearer x"];
    const request = requestOf({ httpMethod: "POST", query: "q=%20", rawHeaders, body: Buffer.from("text") });
    const answer = await urlAnswer(to("/v1?k=1"), request);
    expect([answer.status, answer.headers["x-a"], String(answer.body)]).toEqual([203, "1", "there"]);
    expect(seen).toMatchObject({
      method: "POST",
      url: "/v1?k=1&q=%20",
      headers: { host: new URL(server.url).host, "x-b": "2", authorization: "Bearer x" },
      body: "text",
    });
  });

  it("gets the method that was deployed, and the variables of the path as they were sent", async () => {
    const integration = to("/v1/{item}/x", { httpMethod: "PUT", pathParameters: { item: "id" } });
    await urlAnswer(integration, requestOf({ pathParameters: { id: "a%2Fb" } }));
    expect(seen).toMatchObject({ method: "PUT", url: "/v1/a%2Fb/x" });
  });

  it("is not left for where it points", async () => {
    expect(await urlAnswer(to("/moved"), requestOf())).toMatchObject({ status: 302 });
  });

  it("that does not answer", async () => {
    const nowhere = to("", { uri: "http://127.0.0.1:1/" });
    expect(await failure(() => urlAnswer(nowhere, requestOf()))).toBe("gatewayFault");
  });
});
