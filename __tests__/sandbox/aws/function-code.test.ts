import { createHash } from "node:crypto";
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { type AwsEndpoint, startAwsEndpoint } from "../../../sandbox/aws/aws-endpoint";
import { administratorConfig } from "../../../sandbox/process/administrator";
import {
  type LoopbackServer,
  type RequestHandler,
  readBody,
  sendJson,
  serveOnLoopback,
} from "../../../sandbox/process/loopback-server";

const NOWHERE = "https://awslambda-eu-west-1-tasks.s3.eu-west-1.amazonaws.com/vend";
const FIRST = Buffer.from("the first zip");
const SECOND = Buffer.from("the second zip");
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("base64");

/** As the emulator answers: with the code's hash, and a location that has nothing. */
let deployed: Buffer | undefined;
const emulate: RequestHandler = async (request, response) => {
  const call = (await readBody(request, 1_000_000)).toString();
  if (request.method === "GET") {
    const Configuration = { FunctionName: "vend", CodeSha256: sha256(deployed ?? FIRST) };
    sendJson(response, 200, { Configuration, Code: { RepositoryType: "S3", Location: NOWHERE } });
    return;
  }
  const { ZipFile, Code } = JSON.parse(call);
  deployed = Buffer.from(ZipFile ?? Code.ZipFile ?? "", "base64");
  if (deployed.equals(Buffer.from("refused"))) sendJson(response, 400, { message: "no" });
  else sendJson(response, 200, { FunctionName: "vend", CodeSha256: sha256(deployed) });
};

let emulator: LoopbackServer;
let aws: AwsEndpoint;
let lambda: LambdaClient;
beforeAll(async () => {
  emulator = await serveOnLoopback(emulate);
  aws = await startAwsEndpoint({
    emulatorUrl: emulator.url,
    readRolePolicies: async () => undefined,
    region: "eu-west-1",
  });
  lambda = new LambdaClient({ ...administratorConfig(aws.url, "eu-west-1"), maxAttempts: 1 });
});
afterAll(async () => {
  lambda.destroy();
  await aws.close();
  await emulator.close();
});

const FUNCTION = { FunctionName: "vend", Role: "arn:aws:iam::123456789012:role/vend" };
const create = (ZipFile: Buffer) => lambda.send(new CreateFunctionCommand({ ...FUNCTION, Code: { ZipFile } }));
async function fetchCode() {
  const { Code } = await lambda.send(new GetFunctionCommand({ FunctionName: "vend" }));
  const response = await fetch(Code?.Location ?? "");
  return { status: response.status, zip: Buffer.from(await response.arrayBuffer()) };
}

it("GetFunction names where the zip is that was deployed last", async () => {
  await create(FIRST);
  expect(await fetchCode()).toEqual({ status: 200, zip: FIRST });
  await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: "vend", ZipFile: SECOND }));
  expect(await fetchCode()).toEqual({ status: 200, zip: SECOND });
});

it("has nothing of a deployment that the emulator refused, nor at a made-up address", async () => {
  await expect(create(Buffer.from("refused"))).rejects.toThrow();
  expect(await fetchCode()).toMatchObject({ status: 404 });
  expect(await fetch(`${aws.url}/.sandbox/function-code/x`)).toMatchObject({ status: 404 });
});

it("has nothing of code that came from a bucket", async () => {
  await lambda.send(new CreateFunctionCommand({ ...FUNCTION, Code: { S3Bucket: "b", S3Key: "k" } }));
  expect(await fetchCode()).toMatchObject({ status: 404 });
});
