import { type ApiGateway, startApiGateway } from "../../../sandbox/lambda/api-gateway";
import { FunctionFailedError, FunctionTimeoutError } from "../../../sandbox/lambda/lambda-function";

let answer: (event: unknown) => Promise<unknown>;
let api: ApiGateway;

beforeAll(async () => {
  const vending = { invoke: (event: unknown) => answer(event), recycle: async () => {}, stop: async () => {} };
  api = await startApiGateway(vending, { accountId: "1", apiId: "a", domainName: "a.example" });
});
afterAll(() => api.close());

const post = (body = "{}", path = "") => fetch(`${api.url}${path}`, { method: "POST", body });

it("answers with the function's status, headers, cookies and body", async () => {
  answer = async () => ({ statusCode: 418, headers: { "x-a": "1" }, cookies: ["c=1"], body: "ä" });
  const response = await post();
  expect([response.status, response.headers.get("x-a"), response.headers.get("set-cookie")]).toEqual([418, "1", "c=1"]);
  expect(await response.text()).toBe("ä");
});

it("decodes a base64 body", async () => {
  answer = async () => ({ statusCode: 200, body: btoa("hello"), isBase64Encoded: true });
  expect(await (await post()).text()).toBe("hello");
});

it("takes an answer without a status for the body of a success", async () => {
  answer = async () => ({ hello: "world" });
  const response = await post();
  expect([response.status, await response.json()]).toEqual([200, { hello: "world" }]);
});

it.each([
  ["GET", ""],
  ["PUT", ""],
  ["POST", "/more"],
  ["POST", "x"],
])("%s …/credentials%s is not found, and no invocation", async (method, path) => {
  answer = () => Promise.reject(new Error("invoked"));
  const response = await fetch(`${api.url}${path}`, { method });
  expect([response.status, await response.json()]).toEqual([404, { message: "Not Found" }]);
});

it.each([
  ["throws", new FunctionFailedError("secret detail"), 500, "Internal Server Error"],
  ["takes too long", new FunctionTimeoutError("secret detail"), 503, "Service Unavailable"],
])("a function that %s", async (_, error, status, message) => {
  answer = () => Promise.reject(error);
  const response = await post();
  expect([response.status, await response.json()]).toEqual([status, { message }]);
});

it.each([
  ["the API's limit", 10 * 1024 * 1024 + 1],
  ["the function's limit", 6 * 1024 * 1024 + 1],
])("a body above %s never reaches the function", async (_, size) => {
  answer = () => Promise.reject(new Error("invoked"));
  const response = await post("x".repeat(size)).catch(() => undefined);
  // A client that still sends may meet the closed connection before the answer.
  expect(response?.status ?? 413).toBe(413);
});
