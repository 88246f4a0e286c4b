import { clientControlItem, noControl } from "../../access/client-control";
import { clientRoleItem } from "../../access/client-role";
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
} from "./support/cloud-stub";
import { accessClaims, CLIENT_ID, jwks, RESOURCE_SERVER, sign, signingKey } from "./support/tokens";

// Processes start slowly on a busy machine.
jest.setTimeout(30_000);

const SENTINEL = "SENTINEL-secret-0123456789";
const ROLE_ARN = "arn:aws:iam::123456789012:role/oidc-s3-cognito-dev-backup-server-01";
const DENIED = `User: arn:aws:sts::123456789012:assumed-role/cred-vending/x is not authorized to perform: sts:AssumeRole on resource: ${ROLE_ARN} ${SENTINEL}`;

const key = signingKey("pool-key");
const token = sign(key, accessClaims({ jti: SENTINEL }));
const stub = new CloudStub(jwks(key));
const bundle = new BundleFile();
let lambda: BundledFunction;

beforeAll(async () => {
  await Promise.all([stub.start(), bundle.build()]);
  lambda = await BundledFunction.start(bundle.path, {
    ...functionEnvironment(stub.url),
    AWS_SECRET_ACCESS_KEY: `${SENTINEL}-function`,
    AWS_SESSION_TOKEN: `${SENTINEL}-session`,
    // What someone who debugs may have switched on.
    POWERTOOLS_LOGGER_LOG_EVENT: "true",
    POWERTOOLS_LOG_LEVEL: "DEBUG",
    POWERTOOLS_DEV: "false",
  });
});
afterAll(async () => {
  await lambda.stop();
  await stub.stop();
  bundle.remove();
});
beforeEach(() => stub.reset());

const bearer = (text: string) => ({ headers: { authorization: `Bearer ${text}` }, body: "" });

/** Whatever a log may not hold: the sentinel, every part of the token, the role and the texts of AWS. */
async function forbidden(): Promise<string[]> {
  const written = await lambda.written();
  expect(written).toContain('"decision"');
  return [
    SENTINEL,
    ...token.split("."),
    ROLE_ARN,
    "arn:aws:iam",
    "arn:aws:sts",
    "not authorized",
    "Rate exceeded",
  ].filter((secret) => written.includes(secret));
}

it("vended credentials are in the answer and nowhere else", async () => {
  const secrets = {
    SecretAccessKey: `${SENTINEL}-key`,
    SessionToken: `${SENTINEL}-token`,
    AccessKeyId: `ASIA${SENTINEL}`,
  };
  stub.behaviour.sts = stsAnswer(secrets);
  const { statusCode, body } = await lambda.invoke(bearer(token));
  expect(statusCode).toBe(200);
  expect(body).toContain(secrets.SecretAccessKey);
  expect(body).not.toContain("arn:");
  expect(await forbidden()).toEqual([]);
});

it.each<[string, Service, Behaviour]>([
  ["a denied role", "sts", stsError(403, "AccessDenied", DENIED)],
  ["a throttle", "sts", stsError(400, "Throttling", `Rate exceeded ${SENTINEL}`)],
  ["an outage", "sts", stsError(500, "InternalFailure", DENIED)],
  ["an error code that is a text", "sts", stsError(400, DENIED, DENIED)],
  ["garbage from STS", "sts", { body: DENIED }],
  ["a denied table", "dynamodb", dynamodbError(400, "AccessDeniedException", DENIED)],
  ["garbage from DynamoDB", "dynamodb", { body: DENIED }],
  [
    "a role outside of the deployment",
    "dynamodb",
    itemAnswer({ ...clientRoleItem(CLIENT_ROLE), role_arn: { S: `arn:aws:iam::1:role/${SENTINEL}` } }),
  ],
  [
    "a control that is none",
    "dynamodb",
    itemAnswer(clientRoleItem(CLIENT_ROLE), { client_id: { S: CLIENT_ID }, [SENTINEL]: { S: SENTINEL } }),
  ],
  [
    "a disabled client with a reason",
    "dynamodb",
    itemAnswer(
      clientRoleItem(CLIENT_ROLE),
      clientControlItem({ ...noControl(CLIENT_ID), disabled: true, reason: SENTINEL, changedBy: ROLE_ARN }),
    ),
  ],
])("%s tells the caller and the log nothing of AWS's texts", async (_, service, behaviour) => {
  stub.behaviour[service] = behaviour;
  const { statusCode, headers, body } = await lambda.invoke(bearer(token));
  expect(statusCode).toBeGreaterThanOrEqual(403);
  expect(JSON.stringify([headers, body])).not.toMatch(/SENTINEL|arn:|authorized|Rate exceeded|AccessDenied/);
  expect(await forbidden()).toEqual([]);
});

it.each<[string, object]>([
  ["a token that is malformed", bearer(`${SENTINEL}.${SENTINEL}.${SENTINEL}`)],
  ["a token wrongly signed", bearer(`${token.slice(0, -8)}AAAAAAAA`)],
  ["a token with claims of other types", bearer(sign(key, accessClaims({ scope: [SENTINEL] })))],
  ["a token with an unknown key id", bearer(sign(key, accessClaims(), { kid: SENTINEL }))],
  ["a token with another issuer", bearer(sign(key, accessClaims({ iss: SENTINEL })))],
  ["a token with other scopes", bearer(sign(key, accessClaims({ scope: `${RESOURCE_SERVER}/${SENTINEL}` })))],
  ["a body that is not JSON", { body: `{"access_token": "${SENTINEL}` }],
  ["another scheme", { headers: { authorization: `Basic ${SENTINEL}` } }],
  ["unknown keys", { body: JSON.stringify({ client_secret: SENTINEL }) }],
  ["a query string", { rawQueryString: `access_token=${SENTINEL}`, queryStringParameters: { access_token: SENTINEL } }],
])("%s is repeated neither to the caller nor in the log", async (_, event) => {
  const { statusCode, headers, body } = await lambda.invoke(event);
  expect(statusCode).toBeLessThan(429);
  expect(JSON.stringify([headers, body])).not.toContain("SENTINEL");
  expect(await forbidden()).toEqual([]);
});

it("one request is one log line and its metrics, with who, what and why", async () => {
  await lambda.newRecords();
  const scope = ["write", "delete"].map((name) => `${RESOURCE_SERVER}/${name}`).join(" ");
  await lambda.invoke(bearer(sign(key, accessClaims({ scope }))));
  await lambda.invoke(bearer("x"));
  const records = await lambda.newRecords();
  const [vended, refused, ...more] = records.filter(({ decision }) => decision !== undefined);
  expect(more).toEqual([]);
  expect(vended).toMatchObject({
    level: "INFO",
    service: "credential-vending",
    client_id: CLIENT_ID,
    server: "backup-server-01",
    scopes_requested: ["write", "delete"],
    scopes_granted: ["write"],
    decision: "vended",
    duration_ms: expect.any(Number),
    request_id: expect.stringMatching(/^gateway-/),
    function_request_id: expect.stringMatching(/^lambda-/),
  });
  expect(refused).toMatchObject({
    level: "WARN",
    decision: "refused",
    status: 401,
    error: "invalid_token",
    reason: "token_malformed",
  });
  const metrics = records.filter(({ _aws }) => _aws !== undefined);
  expect(metrics).toMatchObject([
    { Latency: expect.any(Number), Vended: 1 },
    { Latency: expect.any(Number) },
    { Refused: 1, reason: "token_malformed" },
  ]);
  const { Namespace, Dimensions } =
    (metrics[2] as { _aws: { CloudWatchMetrics: Record<string, unknown>[] } })._aws.CloudWatchMetrics[0] ?? {};
  expect({ Namespace, Dimensions }).toEqual({
    Namespace: "OidcS3Uploader",
    Dimensions: [["service", "function_name", "reason"]],
  });
});

it("a function without its settings answers as documented, and its log names the setting", async () => {
  const { S3_BUCKET: _, ...environment } = functionEnvironment(stub.url);
  const broken = await BundledFunction.start(bundle.path, environment);
  try {
    const result = await broken.invoke(bearer(token));
    expect([result.statusCode, JSON.parse(result.body).error]).toEqual([500, "internal_error"]);
    expect(result.body).not.toContain("S3_BUCKET");
    expect(await broken.written()).toContain("environment variable S3_BUCKET is not set");
  } finally {
    await broken.stop();
  }
});
