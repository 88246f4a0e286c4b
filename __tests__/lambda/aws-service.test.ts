import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { awsCall } from "../../lambda/aws-call";
import { createAwsPost } from "../../lambda/aws-service";
import { deadlineOf } from "../../lambda/deadline";

const BODY = '{"TableName":"client-roles"}';
const HEADERS = { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem" };

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly port: number | undefined;
}

const received: Received[] = [];
let answers: (number | "reset")[];
const server = createServer((request, response) => {
  received.push({ headers: request.headers, port: request.socket.remotePort });
  const answer = answers.shift() ?? 200;
  if (answer === "reset") request.socket.destroy();
  else response.writeHead(answer, { "x-amzn-requestid": "0d9a-1" }).end("AWS's text");
});
const environment = process.env;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
beforeEach(() => {
  received.length = 0;
  answers = [];
  process.env = {
    ...environment,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    AWS_SESSION_TOKEN: "session",
  };
});
afterAll(async () => {
  process.env = environment;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

const newPost = () =>
  createAwsPost({ service: "dynamodb", region: "eu-west-1", attemptMs: 1000, errorCode: () => "SomeCode" });
const send = (post = newPost()) => post(HEADERS, BODY, new AbortController().signal);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, written anew. */
function expectedSignature(headers: IncomingHttpHeaders, signedHeaders: string): string {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const time = String(headers["x-amz-date"]);
  const canonicalHeaders = signedHeaders.split(";").map((name) => `${name}:${headers[name]}\n`);
  const request = ["POST", "/", "", canonicalHeaders.join(""), signedHeaders, hash(BODY)].join("\n");
  const scope = `${time.slice(0, 8)}/eu-west-1/dynamodb/aws4_request`;
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${process.env.AWS_SECRET_ACCESS_KEY}`);
  return hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n")).toString("hex");
}

it("a request is signed by version 4, its target, its host and the session's token too", async () => {
  await send();
  const { headers } = received[0] as Received;
  const [, credential, signedHeaders = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=(.+), SignedHeaders=(.+), Signature=(.+)$/.exec(headers.authorization ?? "") ?? [];
  expect(credential).toMatch(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/dynamodb\/aws4_request$/);
  expect(signedHeaders.split(";")).toEqual(
    expect.arrayContaining(["content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"]),
  );
  expect(headers["x-amz-security-token"]).toBe("session");
  expect(signature).toBe(expectedSignature(headers, signedHeaders));
});

it("connections are kept", async () => {
  const post = newPost();
  await send(post);
  await new Promise(setImmediate);
  await send(post);
  expect(received[1]?.port).toBe(received[0]?.port);
});

it("an error has AWS's code, status and request id, and nothing of its text", async () => {
  answers = [400];
  const error = await send().catch((reason: Error) => reason);
  expect(error).toMatchObject({ name: "SomeCode", $metadata: { httpStatusCode: 400, requestId: "0d9a-1" } });
  expect(JSON.stringify(error) + String(error)).not.toContain("AWS's text");
});

it("without credentials of the function nothing is sent", async () => {
  delete process.env.AWS_SECRET_ACCESS_KEY;
  await expect(send()).rejects.toThrow("Lambda sets both");
  expect(received).toEqual([]);
});

describe("of two attempts within an AWS call", () => {
  // The second comes at once.
  beforeEach(() => jest.spyOn(Math, "random").mockReturnValue(0));
  afterEach(() => jest.restoreAllMocks());

  const call = () =>
    awsCall(
      "dynamodb",
      deadlineOf(() => 10_000),
      (signal) => newPost()(HEADERS, BODY, signal),
    );

  it.each<["reset" | number]>([["reset"], [500], [503], [429]])("the second succeeds after %s", async (first) => {
    answers = [first];
    expect((await call()).status).toBe(200);
    expect(received).toHaveLength(2);
  });

  it("there is no third", async () => {
    answers = [500, "reset", 200];
    await expect(call()).rejects.toMatchObject({ status: 503 });
    expect(received).toHaveLength(2);
  });

  it("there is no second after a refusal", async () => {
    answers = [400];
    await expect(call()).rejects.toMatchObject({ status: 500 });
    expect(received).toHaveLength(1);
  });
});
