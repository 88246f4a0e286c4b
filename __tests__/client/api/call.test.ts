import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, callFault, headOf } from "../../../client/api/call";
import { type CallWords, parseCall } from "../../../client/api/call-request";
import { UsageError } from "../../../client/core/errors";
import { loadTokenSettings } from "../../../client/settings/settings";
import { FakeServices, type Reply } from "../support/fake-services";
import { knowNoNames, skipWaits } from "../support/stand-ins";

interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let services: FakeServices;
let home: string;
let api: Server;
let asked: ApiRequest[];
let answer: (request: ApiRequest) => Reply;

beforeEach(async () => {
  skipWaits();
  services = await new FakeServices().start();
  home = mkdtempSync(join(tmpdir(), "oidc-s3-call-"));
  asked = [];
  answer = () => ({ body: { Result: "Success" } });
  api = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = "", url: path = "", headers } = request;
    const seen = { method, path, headers, body: Buffer.concat(chunks).toString() };
    asked.push(seen);
    const { status = 200, headers: more, body } = answer(seen);
    response.writeHead(status, { "content-type": "application/json", ...more });
    response.end(body instanceof Uint8Array ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  jest.restoreAllMocks();
  api.closeAllConnections();
  await new Promise((resolve) => api.close(resolve));
  await services.stop();
  rmSync(home, { recursive: true });
});

const url = (path: string) => `http://127.0.0.1:${(api.address() as AddressInfo).port}${path}`;

function send(
  method: string,
  target: string,
  { data, headers = [], scopes }: Partial<CallWords & { scopes: string[] }> = {},
) {
  const { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET } = services.environment;
  const settings = loadTokenSettings({
    env: { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, XDG_CACHE_HOME: home },
    defaultConfigFile: "/nowhere",
  });
  const request = parseCall({ method, url: target, headers, data }, () => Buffer.from("from stdin"));
  return call(settings, request, {
    scopes,
    timeoutMs: 3_000,
    signal: new AbortController().signal,
    report: () => {},
  });
}

describe("a call", () => {
  it("sends method, headers, body and one bearer token, and gives the answer byte for byte", async () => {
    const bytes = Buffer.from([0, 0xff, 0x1b, 0x0a]);
    answer = () => ({ body: bytes });
    const called = await send("post", url("/api/user?a=1"), { data: '{"name":"a"}', headers: ["X-Trace: 7"] });
    expect(asked).toMatchObject([{ method: "POST", path: "/api/user?a=1", body: '{"name":"a"}' }]);
    expect(asked[0]?.headers).toMatchObject({
      authorization: "Bearer header.1.signature",
      "content-type": "application/json",
      "content-length": "12",
      "x-trace": "7",
    });
    expect(Buffer.from(called.answer.bytes).equals(bytes)).toBe(true);
    expect(callFault(called)).toBeUndefined();
    expect(headOf(called.answer)).toMatch(/^200 OK\ncontent-type: application\/json\n/);
  });

  it("without data has no body, nor the headers of one", async () => {
    await send("GET", url("/api/book"));
    expect(asked[0]?.headers).not.toHaveProperty("content-length");
    expect(asked[0]?.headers).not.toHaveProperty("content-type");
  });

  it("takes the token from the cache, one for all scopes alike", async () => {
    await send("GET", url("/api/book"));
    await send("GET", url("/api/book"));
    await send("GET", url("/api/book"), { scopes: ["a/read"] });
    expect(services.tokenRequests.map(({ body }) => new URLSearchParams(body).get("scope"))).toEqual([null, "a/read"]);
  });
});

describe("401", () => {
  const refuse = (token: string) => {
    answer = ({ headers }) => ({ status: headers.authorization === `Bearer ${token}` ? 401 : 200 });
  };

  it("to a token from the cache: the same request once more, with a fresh one that stays", async () => {
    await send("GET", url("/api/book"));
    refuse("header.1.signature");
    asked.length = 0;
    const { answer: second } = await send("POST", url("/api/user"), { data: "-" });
    expect(second.status).toBe(200);
    expect(asked.map(({ method, body }) => [method, body])).toEqual([
      ["POST", "from stdin"],
      ["POST", "from stdin"],
    ]);
    await send("GET", url("/api/book"));
    expect(asked).toHaveLength(3);
    expect(services.tokenRequests).toHaveLength(2);
  });

  it("to a fresh token is the answer", async () => {
    refuse("header.1.signature");
    const called = await send("GET", url("/api/book"));
    expect(callFault(called)).toMatchObject({ exitCode: 4, code: "http_401" });
    expect([asked.length, services.tokenRequests.length]).toEqual([1, 1]);
  });

  it("again is the answer too: no third request, no third token", async () => {
    await send("GET", url("/api/book"));
    answer = () => ({ status: 401 });
    expect((await send("GET", url("/api/book"))).answer.status).toBe(401);
    expect([asked.length, services.tokenRequests.length]).toEqual([3, 2]);
  });

  it("is no reason to send anything where no fresh token is to be had", async () => {
    await send("GET", url("/api/book"));
    answer = () => ({ status: 401 });
    services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    await expect(send("GET", url("/api/book"))).rejects.toMatchObject({ code: "invalid_client", exitCode: 4 });
    expect(asked).toHaveLength(2);
  });
});

it.each([403, 404, 500, 503])("%i to a token from the cache is sent once", async (status) => {
  await send("GET", url("/api/book"));
  answer = () => ({ status });
  await send("POST", url("/api/book"));
  expect([asked.length, services.tokenRequests.length]).toEqual([2, 1]);
});

it.each([
  [200, undefined, undefined],
  [204, undefined, undefined],
  [302, "redirect", 4],
  [400, "http_400", 4],
  [401, "http_401", 4],
  [403, "http_403", 4],
  [404, "http_404", 4],
  [408, "temporarily_unavailable", 5],
  [429, "throttled", 5],
  [500, "temporarily_unavailable", 5],
  [503, "temporarily_unavailable", 5],
])("status %i is %s, with exit code %s", async (status, code, exitCode) => {
  answer = () => ({ status, headers: { location: url("/elsewhere"), "x-amzn-requestid": "r-1" } });
  const fault = callFault(await send("GET", url("/api/book")));
  expect([fault?.code, fault?.exitCode]).toEqual([code, exitCode]);
  if (fault) expect(fault.message).toContain("(request r-1)");
});

it("a redirect is not followed, not even to the same host, and names where to", async () => {
  answer = ({ path, headers }) => ({
    status: 307,
    headers: { location: `${path}/?${headers.authorization?.slice(7)}` },
  });
  const fault = callFault(await send("GET", url("/api/book")));
  expect(asked).toHaveLength(1);
  expect(fault?.message).toBe("the API answered 307 Temporary Redirect and names /api/book/?[redacted] instead");
});

it("no token is in any error, whatever the API says", async () => {
  answer = ({ headers }) => ({ status: 403, headers: { "x-amzn-requestid": String(headers.authorization) } });
  const fault = callFault(await send("GET", url("/api/book")));
  for (const text of [fault?.message, fault?.remedy, fault?.stack, JSON.stringify(fault)])
    expect(text).not.toContain("header.1.signature");
});

it("a host that there is not is the URL's fault, not that of a setting", async () => {
  await send("GET", url("/api/book"));
  const lookups = knowNoNames();
  const error = await send("GET", "https://api.invalid/book").catch((reason: unknown) => reason);
  lookups.mockRestore();
  expect(error).toMatchObject({
    exitCode: 5,
    fault: "dns",
    remedy: "Check the URL for a typing error, then this machine's DNS",
  });
});

describe("the command line", () => {
  const parse = (words: Partial<CallWords>) =>
    parseCall({ method: "GET", url: "https://api.example.com/book", headers: [], ...words }, () => Buffer.from("in"));
  const faults = (words: Partial<CallWords>) => {
    try {
      parse(words);
    } catch (error) {
      if (error instanceof UsageError) return error.message;
      throw error;
    }
    throw new Error("no fault was found");
  };

  it.each([
    ["-", "in"],
    ["@-", "in"],
    ["{}", "{}"],
    ["", ""],
  ])("--data %j", (data, body) => expect(Buffer.from(parse({ data }).body ?? "none").toString()).toBe(body));

  it("--data of a file, byte for byte; one that is not there is told", () => {
    const path = join(home, "data");
    writeFileSync(path, Buffer.from([0xff, 0]));
    expect(Buffer.from(parse({ data: `@${path}` }).body ?? [])).toEqual(Buffer.from([0xff, 0]));
    expect(() => parse({ data: `@${path}.none` })).toThrow(/there is no such file/);
  });

  it("a header says another type of data", () =>
    expect(parse({ data: "a=1", headers: ["Content-Type: application/x-www-form-urlencoded"] }).headers).toEqual({
      "content-type": "application/x-www-form-urlencoded",
    }));

  it.each([
    [{ url: "http://api.example.com/book" }, /must start with https:/],
    [{ url: "https://user:pass@api.example.com/book" }, /must not hold a user name/],
    [{ url: "/book" }, /whole URL/],
    [{ url: "https://api.example.com/a b" }, /blanks/],
    [{ method: "GE T" }, /"GE T" is not a method/],
    [{ method: "trace" }, /"trace" is not a method/],
    [{ headers: ["Authorization: Bearer x"] }, /--header Authorization is set by this program/],
    [{ headers: ["host: other"] }, /--header host is set/],
    [{ headers: ["no colon"] }, /"no colon" has not the form/],
    [{ headers: ["X-A: a\r\nX-B: b"] }, /"X-A" has not the form/],
  ])("%j is refused", (words, message) => expect(faults(words)).toMatch(message));

  it("all faults at once, and none of them shows a password", () => {
    const message = faults({ method: "TRACE", url: "https://user:s3same@a.example.com/", headers: ["Host: b"] });
    expect(message.split("\n")).toHaveLength(3);
    expect(message).not.toContain("s3same");
  });
});
