import { setTimeout as sleep } from "node:timers/promises";
import { clientRoleItem } from "../../access/client-role";
import { DEPENDENCY_LIMIT_MS } from "../../lambda/limits";
import { BundledFunction, BundleFile, functionEnvironment } from "./support/bundled-function";
import {
  type Behaviour,
  CLIENT_ROLE,
  CloudStub,
  dynamodbError,
  itemAnswer,
  type Service,
  stsAnswer,
  stsError,
  TABLES,
} from "./support/cloud-stub";
import { jwks, segment, sign, signingKey } from "./support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(30_000);

const key = signingKey("pool-key");
const bundle = new BundleFile();
const good = { body: JSON.stringify({ access_token: sign(key) }) };

beforeAll(() => bundle.build());
afterAll(() => bundle.remove());

/** Runs with a stub cloud and a function instance of its own, so that cases can run side by side. */
async function withFunction<T>(run: (lambda: BundledFunction, stub: CloudStub) => Promise<T>): Promise<T> {
  const stub = new CloudStub(jwks(key));
  const lambda = await BundledFunction.start(bundle.path, functionEnvironment(await stub.start()));
  try {
    return await run(lambda, stub);
  } finally {
    await lambda.stop();
    await stub.stop();
  }
}

const codeOf = ({ body }: { body: string }) => JSON.parse(body).error;

it("a dependency that does not answer is 503 within its limit", async () => {
  const services = ["jwks", "dynamodb", "sts"] as const;
  await Promise.all(
    services.map((service) =>
      withFunction(async (lambda, stub) => {
        stub.behaviour[service] = "hang";
        const startedAt = performance.now();
        const result = await lambda.invoke(good);
        const elapsed = performance.now() - startedAt;
        expect([service, result.statusCode, codeOf(result)]).toEqual([service, 503, "temporarily_unavailable"]);
        expect(Number(result.headers["Retry-After"])).toBeGreaterThan(0);
        expect(elapsed).toBeLessThan(DEPENDENCY_LIMIT_MS[service] + 2000);
      }),
    ),
  );
});

it.each<[string, Behaviour, string | undefined]>([
  ["is written", { body: "{}" }, undefined],
  ["was written by another instance", dynamodbError(400, "ConditionalCheckFailedException", "no"), undefined],
  ["is throttled", dynamodbError(400, "ThrottlingException", "slow down"), "ThrottlingException"],
  ["is refused", dynamodbError(400, "AccessDeniedException", "no"), "AccessDeniedException"],
  ["is cut off", "reset", "Error"],
  ["has no answer", "hang", "AbortError"],
])(
  "whether its activity %s, a server gets its credentials, and the log has what failed",
  async (_, behaviour, error) => {
    await withFunction(async (lambda, stub) => {
      stub.behaviour.activity = behaviour;
      const startedAt = performance.now();
      expect((await lambda.invoke(good)).statusCode).toBe(200);
      if (behaviour === "hang") expect(performance.now() - startedAt).toBeLessThan(1000);
      expect(stub.calls.activity).toBe(1);
      expect(stub.lastActivity).toMatchObject({ TableName: "oidc-s3-dev-client-activity", Key: { client_id: {} } });
      const records: Record<string, unknown>[] = [];
      const said = () => records.filter(({ message }) => message === "activity not recorded");
      for (let tries = 0; tries < 40 && said().length === 0 && (tries < 2 || error !== undefined); tries++) {
        await sleep(50);
        records.push(...(await lambda.newRecords()));
      }
      expect(said().map(({ aws_error }) => aws_error)).toEqual(error === undefined ? [] : [error]);
      expect(records.filter(({ ActivityNotRecorded }) => ActivityNotRecorded === 1)).toHaveLength(said().length);
      expect((await lambda.invoke(good)).statusCode).toBe(200);
      expect(stub.calls.activity).toBe(1);
    });
  },
);

it("an invocation with little time left is answered before it ends", async () => {
  await withFunction(async (lambda, stub) => {
    await lambda.invoke(good);
    stub.behaviour.sts = "hang";
    const startedAt = performance.now();
    expect((await lambda.invoke(good, 1200)).statusCode).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(DEPENDENCY_LIMIT_MS.sts - 500);
  });
});

const throttled = "429 throttled";
const outage = "503 temporarily_unavailable";
const fault = "500 internal_error";

async function expectAnswer(lambda: BundledFunction, expected: string): Promise<Record<string, unknown>[]> {
  await lambda.newRecords();
  const result = await lambda.invoke(good);
  expect(`${result.statusCode} ${codeOf(result)}`).toBe(expected);
  expect(result.headers["Retry-After"] !== undefined).toBe(expected !== fault);
  return (await lambda.newRecords()).filter(({ DependencyFailure }) => DependencyFailure === 1);
}

/** What DynamoDB answers where it throttles some tables of a batch. */
function leftOut(...tables: string[]): Behaviour {
  const role = clientRoleItem(CLIENT_ROLE);
  const UnprocessedKeys = Object.fromEntries(tables.map((table) => [table, { Keys: [{ client_id: role.client_id }] }]));
  const Responses = tables.includes(TABLES.roles) ? {} : { [TABLES.roles]: [role] };
  return { body: JSON.stringify({ Responses, UnprocessedKeys }) };
}

describe("AWS", () => {
  const stub = new CloudStub(jwks(key));
  let lambda: BundledFunction;
  beforeAll(async () => {
    lambda = await BundledFunction.start(bundle.path, functionEnvironment(await stub.start()));
  });
  afterAll(async () => {
    await lambda.stop();
    await stub.stop();
  });
  afterEach(() => stub.reset());

  it.each<[string, Service, Behaviour, string]>([
    ["DynamoDB throttles", "dynamodb", dynamodbError(400, "ProvisionedThroughputExceededException", "x"), throttled],
    ["DynamoDB throttles the account", "dynamodb", dynamodbError(400, "ThrottlingException", "x"), throttled],
    ["STS throttles", "sts", stsError(400, "Throttling", "Rate exceeded"), throttled],
    ["DynamoDB fails", "dynamodb", dynamodbError(500, "InternalServerError", "x"), outage],
    ["STS fails", "sts", stsError(503, "ServiceUnavailable", "x"), outage],
    ["DynamoDB hangs up", "dynamodb", "reset", outage],
    ["STS hangs up", "sts", "reset", outage],
    ["DynamoDB is cut off in mid-answer", "dynamodb", "cut", outage],
    ["STS is cut off in mid-answer", "sts", "cut", outage],
    ["DynamoDB's answer ends too early", "dynamodb", { body: '{"Responses":{"oidc-s3-dev-cl' }, outage],
    ["STS's answer ends too early", "sts", { ...stsAnswer(), body: stsAnswer().body.slice(0, 200) }, outage],
    ["DynamoDB answers nothing", "dynamodb", { body: "" }, outage],
    ["DynamoDB answers null", "dynamodb", { body: "null" }, outage],
    ["DynamoDB answers a list", "dynamodb", { body: "[]" }, outage],
    ["DynamoDB answers text", "dynamodb", { body: '"Item"' }, outage],
    ["DynamoDB answers an item that is none", "dynamodb", itemAnswer([]), outage],
    ["DynamoDB answers without items", "dynamodb", { body: "{}" }, outage],
    ["DynamoDB leaves out both items, again and again", "dynamodb", leftOut(TABLES.roles, TABLES.controls), outage],
    ["DynamoDB leaves out the control, again and again", "dynamodb", leftOut(TABLES.controls), outage],
    ["DynamoDB answers a page of a proxy", "dynamodb", { body: "<html>" }, outage],
    ["STS gives expired credentials", "sts", stsAnswer({ Expiration: "2020-01-01T00:00:00Z" }), outage],
    ["DynamoDB denies", "dynamodb", dynamodbError(400, "AccessDeniedException", "x"), fault],
    ["a table is gone", "dynamodb", dynamodbError(400, "ResourceNotFoundException", "x"), fault],
    ["STS denies", "sts", stsError(403, "AccessDenied", "x"), fault],
    ["our credentials are expired", "sts", stsError(403, "ExpiredToken", "x"), fault],
    ["STS gives no secret", "sts", stsAnswer({ SecretAccessKey: "" }), fault],
    ["STS gives no access key", "sts", stsAnswer({ AccessKeyId: "" }), fault],
    ["STS gives nothing", "sts", { body: "" }, fault],
    ["STS gives garbage", "sts", { body: "<html>proxy</html>", headers: { "content-type": "text/html" } }, fault],
  ])("%s", async (_, service, behaviour, expected) => {
    stub.behaviour[service] = behaviour;
    expect(await expectAnswer(lambda, expected)).toMatchObject([{ dependency: service }]);
  });

  it.each([
    ["PackedPolicyTooLarge", "session_policy_too_long"],
    ["MalformedPolicyDocument", "session_policy_malformed"],
  ])("a session policy that STS refuses (%s) is a fault of ours and no dependency's", async (code, reason) => {
    stub.behaviour.sts = stsError(400, code, "x");
    await lambda.newRecords();
    const result = await lambda.invoke(good);
    expect(`${result.statusCode} ${codeOf(result)}`).toBe(fault);
    const records = await lambda.newRecords();
    expect(records.filter(({ DependencyFailure }) => DependencyFailure === 1)).toEqual([]);
    expect(records).toContainEqual(expect.objectContaining({ decision: "refused", reason }));
  });

  it.each([
    ["an entry", itemAnswer({ client_id: { S: "x" } })],
    ["a control", itemAnswer(clientRoleItem(CLIENT_ROLE), { client_id: { S: "x" } })],
  ])("%s that is malformed is a fault of ours and no dependency's", async (_, answer) => {
    stub.behaviour.dynamodb = answer;
    expect(await expectAnswer(lambda, fault)).toEqual([]);
  });
});

it.each<[string, Behaviour]>([
  ["fails", { status: 500, body: "" }],
  ["hangs up", "reset"],
  ["gives garbage for keys", { body: "<html></html>" }],
  ["gives no keys", { body: '{"keys":[]}' }],
])("Cognito %s", async (_, behaviour) => {
  await withFunction(async (lambda, stub) => {
    stub.behaviour.jwks = behaviour;
    expect(await expectAnswer(lambda, outage)).toMatchObject([{ dependency: "jwks" }]);
    expect(stub.calls).toMatchObject({ jwks: 1, dynamodb: 0, sts: 0 });
  });
});

it("keys that are fetched again after an outage serve the next request", async () => {
  await withFunction(async (lambda, stub) => {
    stub.behaviour.jwks = { status: 503, body: "" };
    const refused = await lambda.invoke(good);
    stub.reset();
    await new Promise((resolve) => setTimeout(resolve, Number(refused.headers["Retry-After"]) * 1000));
    expect((await lambda.invoke(good)).statusCode).toBe(200);
  });
});

describe("a thousand tokens with key ids made up", () => {
  const [, payload, signature] = sign(key).split(".");
  const garbage = (n: number) => ({
    body: JSON.stringify({ access_token: `${segment({ kid: `random-${n}`, alg: "RS256" })}.${payload}.${signature}` }),
  });

  it("are refused with one fetch of the keys, and good tokens are served meanwhile", async () => {
    await withFunction(async (lambda, stub) => {
      const results = await Promise.all(Array.from({ length: 1000 }, (_, n) => lambda.invoke(garbage(n))));
      expect(new Set(results.map((result) => `${result.statusCode} ${codeOf(result)}`))).toEqual(
        new Set(["401 invalid_token"]),
      );
      expect((await lambda.invoke(good)).statusCode).toBe(200);
      expect(stub.calls).toMatchObject({ jwks: 1, dynamodb: 1, sts: 1 });
    });
  });

  it("are 503 while the keys cannot be fetched, with one try in two seconds", async () => {
    await withFunction(async (lambda, stub) => {
      stub.behaviour.jwks = { status: 500, body: "" };
      const startedAt = performance.now();
      const results = await Promise.all(Array.from({ length: 1000 }, (_, n) => lambda.invoke(garbage(n))));
      expect(new Set(results.map(({ statusCode }) => statusCode))).toEqual(new Set([503]));
      expect(stub.calls.jwks).toBeLessThanOrEqual(1 + Math.floor((performance.now() - startedAt) / 2000));
    });
  });
});
