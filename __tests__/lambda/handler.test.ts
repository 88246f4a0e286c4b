import type { VendedCredentials } from "../../lambda/assume-role";
import { VendingError } from "../../lambda/errors";
import { createHandler, type VendingDependencies } from "../../lambda/handler";
import type { Decision } from "../../lambda/observability";
import { CLIENT_ROLE } from "./support/cloud-stub";
import { CLIENT_ID, RESOURCE_SERVER } from "./support/tokens";

const decided = jest.fn<void, [Decision]>();
const credentials: VendedCredentials = {
  accessKeyId: "A",
  secretAccessKey: "S",
  sessionToken: "T",
  expiration: new Date("2026-11-21T10:00:00.123Z"),
};
const working: VendingDependencies = {
  verifyToken: async () => ({ clientId: CLIENT_ID, scope: `${RESOURCE_SERVER}/write ${RESOURCE_SERVER}/delete` }),
  lookUpRole: async () => CLIENT_ROLE,
  assumeRole: async () => credentials,
  observer: { decided },
  destination: { bucket: "bucket", region: "eu-west-1" },
  resourceServerIdentifier: RESOURCE_SERVER,
};
const event = { body: '{"access_token":"t"}', requestContext: { requestId: "gateway-1" } };
const context = { awsRequestId: "lambda-1", getRemainingTimeInMillis: () => 10_000 };

beforeEach(() => decided.mockReset());

function run(changes: Partial<VendingDependencies> = {}) {
  return createHandler({ ...working, ...changes })(event, context);
}

it("success has exactly the fields that existing clients read", async () => {
  const { body, ...rest } = await run();
  expect(rest).toEqual({
    statusCode: 200,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
  expect(JSON.parse(body)).toEqual({
    credentials: {
      access_key_id: "A",
      secret_access_key: "S",
      session_token: "T",
      expiration: "2026-11-21T10:00:00Z",
    },
    s3_bucket: "bucket",
    s3_path_prefix: "backups/server-01/",
    aws_region: "eu-west-1",
  });
});

it("success is observed with who, which server and which scopes", async () => {
  await run();
  expect(decided).toHaveBeenCalledTimes(1);
  expect(decided.mock.calls[0]?.[0]).toEqual({
    subject: {
      clientId: CLIENT_ID,
      server: "backup-server-01",
      scopesRequested: ["write", "delete"],
      scopesGranted: ["write"],
    },
    requestId: "gateway-1",
    functionRequestId: "lambda-1",
    durationMs: expect.any(Number),
    refusal: undefined,
  });
});

it.each<[string, VendingError, number, Record<string, string>]>([
  ["invalid_request", new VendingError("tokens_differ"), 400, {}],
  ["invalid_request", new VendingError("token_missing"), 400, { "WWW-Authenticate": "Bearer" }],
  [
    "invalid_token",
    new VendingError("token_use_wrong"),
    401,
    { "WWW-Authenticate": expect.stringMatching(/^Bearer error="invalid_token", error_description="[^"\\]+"$/) },
  ],
  [
    "insufficient_scope",
    new VendingError("scope_insufficient"),
    403,
    { "WWW-Authenticate": expect.stringMatching(/^Bearer error="insufficient_scope", /) },
  ],
  ["unknown_client", new VendingError("client_unknown"), 403, {}],
  ["payload_too_large", new VendingError("body_too_large"), 413, {}],
  ["throttled", new VendingError("dependency_throttled", {}, 2), 429, { "Retry-After": "2" }],
  ["temporarily_unavailable", new VendingError("keys_unavailable", {}, 5), 503, { "Retry-After": "5" }],
  ["internal_error", new VendingError("unexpected", { detail: "private" }), 500, {}],
])("%s is answered as documented", async (code, error, statusCode, headers) => {
  const result = await run({ verifyToken: () => Promise.reject(error) });
  expect(result).toMatchObject({ statusCode });
  expect(result.headers).toEqual({ "Content-Type": "application/json", "Cache-Control": "no-store", ...headers });
  expect(JSON.parse(result.body)).toEqual({
    error: code,
    error_description: expect.stringMatching(/^[A-Z"].{20,}\.$/),
    request_id: "gateway-1",
  });
  expect(decided.mock.calls[0]?.[0].refusal).toBe(error);
});

it.each<[string, Partial<VendingDependencies>]>([
  ["verifying", { verifyToken: () => Promise.reject(new TypeError("secret\n    at secret")) }],
  ["looking up", { lookUpRole: () => Promise.reject(new TypeError("secret")) }],
  ["assuming", { assumeRole: () => Promise.reject(new TypeError("secret")) }],
  ["something that is no error", { assumeRole: () => Promise.reject("secret") }],
])("a fault of ours when %s is 500, with nothing of its message anywhere", async (_, changes) => {
  const result = await run(changes);
  expect(result.statusCode).toBe(500);
  expect(JSON.parse(result.body)).toMatchObject({ error: "internal_error", request_id: "gateway-1" });
  const { refusal } = decided.mock.calls[0]?.[0] ?? {};
  expect(refusal?.reason).toBe("unexpected");
  expect(JSON.stringify([result, refusal?.detail, refusal?.message])).not.toContain("secret");
});

it("what was learnt before a refusal is observed", async () => {
  await run({ assumeRole: () => Promise.reject(new VendingError("role_not_assumable")) });
  expect(decided.mock.calls[0]?.[0].subject).toMatchObject({ server: "backup-server-01", scopesGranted: ["write"] });
});

it("the wished duration goes to STS, at most the mapping's", async () => {
  const assumeRole = jest.fn(async () => credentials);
  const body = '{"access_token":"t","duration_seconds":1200}';
  await createHandler({ ...working, assumeRole })({ body }, context);
  expect(assumeRole).toHaveBeenCalledWith(CLIENT_ROLE, { scopes: ["write"], durationSeconds: 1200 }, expect.anything());
});

it("outside of API Gateway the request id is Lambda's", async () => {
  const result = await createHandler(working)({}, context);
  expect(JSON.parse(result.body).request_id).toBe("lambda-1");
});
