import { ANSWERS, GatewayError } from "../../../sandbox/rest-api/answers";
import type { CognitoAuthorizer } from "../../../sandbox/rest-api/authorizer";
import type { FunctionBackend } from "../../../sandbox/rest-api/function-backend";
import type { GatewayRequest } from "../../../sandbox/rest-api/gateway-request";
import { type RestApiGateway, startRestApiGateway } from "../../../sandbox/rest-api/rest-api-gateway";
import { Stages } from "../../../sandbox/rest-api/stages";
import { FakeControlPlane, FUNCTION_ARN, method, mock } from "./support/deployed";
import { type Sent, sendRaw } from "./support/raw-request";

const ROUTES = [
  method("GET /book", ["API/book.get"]),
  method("POST /book", ["API/book.post"], { kind: "function", functionArn: FUNCTION_ARN }),
  method("GET /open"),
  method("GET /items/{id}", [], { kind: "function", functionArn: FUNCTION_ARN }),
  method("POST /answer", [], mock("answered")),
  { resourceId: "x", resourcePath: "/signed", httpMethod: "GET", unsupported: "its authorization is AWS_IAM" },
];

let gateway: RestApiGateway;
let controlPlane: FakeControlPlane;
let invoked: GatewayRequest[];
let reported: unknown[];
/** The token "good" has every scope. */
const authorizer = {
  authorise: async (values: readonly string[]) => {
    if (values.join() !== "good") throw new GatewayError("unauthorized");
    return { client_id: "reports" };
  },
} as unknown as CognitoAuthorizer;
const backend = {
  answer: async (request: GatewayRequest) => {
    invoked.push(request);
    return { status: 201, headers: { "x-a": ["1", "2"] }, body: Buffer.from("made") };
  },
} as unknown as FunctionBackend;

beforeAll(async () => {
  controlPlane = new FakeControlPlane(ROUTES);
  gateway = await startRestApiGateway({
    apiId: "abc123",
    accountId: "123456789012",
    stages: new Stages(controlPlane),
    authorizer,
    backendOf: () => backend,
    report: (error) => reported.push(error),
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  invoked = [];
  reported = [];
});

const send = (path: string, sent?: Sent) => sendRaw(gateway.endpointOf("dev"), path, sent);

const GOOD = { headers: ["authorization", "good"] };
const answered = (answer: keyof typeof ANSWERS) => ({
  status: ANSWERS[answer].status,
  body: JSON.stringify({ message: ANSWERS[answer].message }),
  headers: expect.objectContaining({ "x-amzn-errortype": ANSWERS[answer].type }),
});

it("has an address for each stage, with a slash at its end", () => {
  expect(gateway.endpointOf("dev")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/dev\/$/);
});

it("lets a good token in, and answers as it was deployed", async () => {
  expect(await send("/dev/book", GOOD)).toMatchObject({ status: 200, body: '{"answer":"GET /book"}' });
});

it("asks for no token where none was deployed", async () => {
  expect(await send("/dev/open?x=1")).toMatchObject({ status: 200, body: '{"answer":"GET /open"}' });
});

it.each([
  ["no token", {}],
  ["a bad one", { headers: ["authorization", "bad"] }],
  [
    "two headers, of which Node.js would show the good one",
    { headers: ["authorization", "good", "Authorization", "x"] },
  ],
])("refuses %s before the backend hears of it", async (_, sent) => {
  expect(await send("/dev/book", { ...sent, method: "POST" })).toMatchObject(answered("unauthorized"));
  expect(invoked).toEqual([]);
});

it.each([
  ["GET", "/dev/unknown"],
  ["GET", "/dev/book/"],
  ["GET", "/dev/Book"],
  ["GET", "/dev/%62ook"],
  ["GET", "/dev//book"],
  ["GET", "/dev/book/.."],
  ["GET", "/dev/book/../book"],
  ["GET", "/dev%2fbook"],
  ["GET", "/dev/book;x"],
  ["GET", "/prod/book"],
  ["GET", "/DEV/book"],
  ["GET", "/book"],
  ["GET", "/../dev/book"],
  ["GET", "//dev/book"],
  ["GET", "/"],
  ["GET", "/dev"],
  ["GET", "http://127.0.0.1/dev/book"],
  ["PUT", "/dev/book"],
  ["OPTIONS", "/dev/book"],
  ["GET", "/dev/items/%zz"],
])("%s %s is not there, token or not", async (httpMethod, path) => {
  expect(await send(path, { ...GOOD, method: httpMethod })).toMatchObject(answered("noRoute"));
  expect(await send(path, { method: httpMethod })).toMatchObject(answered("noRoute"));
  expect(invoked).toEqual([]);
});

it("HEAD is not there either, and its answer has no body", async () => {
  expect(await send("/dev/book", { ...GOOD, method: "HEAD" })).toMatchObject({ status: 403, body: "" });
});

it("gives a function the request with the token's claims", async () => {
  const sent = { method: "POST", headers: ["Authorization", "good", "x-a", "1"], body: "text" };
  expect(await send("/dev/book?q=%20", sent)).toMatchObject({ status: 201, body: "made", headers: { "x-a": "1, 2" } });
  expect(invoked).toMatchObject([
    {
      apiId: "abc123",
      accountId: "123456789012",
      httpMethod: "POST",
      path: "/book",
      query: "q=%20",
      claims: { client_id: "reports" },
      stage: { name: "dev" },
      route: { resourcePath: "/book" },
      sourceIp: "127.0.0.1",
    },
  ]);
  expect(invoked[0]?.body.toString()).toBe("text");
  expect(invoked[0]?.rawHeaders).toEqual(expect.arrayContaining(["x-a", "1"]));
});

it("gives it the variables of the path", async () => {
  await send("/dev/items/a%20b");
  expect(invoked).toMatchObject([{ pathParameters: { id: "a%20b" }, claims: undefined }]);
});

it("does not serve a method without what the gateway lacks, and says which", async () => {
  expect(await send("/dev/signed", GOOD)).toMatchObject(answered("gatewayFault"));
  expect(String(reported)).toBe("Error: GET /signed is not served here: its authorization is AWS_IAM");
});

it("answers 415 where no template is deployed for the body's type", async () => {
  const sent = { method: "POST", headers: ["content-type", "text/plain"], body: "x" };
  expect(await send("/dev/answer", sent)).toMatchObject(answered("unsupportedMediaType"));
  expect(await send("/dev/answer", { method: "POST" })).toMatchObject({ status: 200, body: "answered" });
});

it("reports what goes wrong behind it, and tells the caller nothing of it", async () => {
  const failure = new Error("the emulator is at 10.0.0.1");
  jest.spyOn(backend, "answer").mockRejectedValueOnce(failure);
  expect(await send("/dev/items/1")).toMatchObject(answered("gatewayFault"));
  expect(reported).toEqual([failure]);
});

it("refuses a body above API Gateway's limit", async () => {
  const sent = { method: "POST", body: "x".repeat(10 * 1024 * 1024 + 1) };
  // A client that still sends may meet the closed connection before the answer.
  const response = await send("/dev/answer", sent).catch(() => undefined);
  expect(response?.status ?? 413).toBe(413);
});
