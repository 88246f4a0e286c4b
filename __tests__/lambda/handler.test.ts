import { type ClientControl, noControl } from "../../access/client-control";
import type { VendedCredentials } from "../../lambda/assume-role";
import { VendingError } from "../../lambda/errors";
import { createHandler, type VendingDependencies } from "../../lambda/handler";
import type { Decision } from "../../lambda/observability";
import { CLIENT_ROLE } from "./support/cloud-stub";
import { CLIENT_ID, RESOURCE_SERVER } from "./support/tokens";

/** Seconds. */
const NOW = 1_790_000_000;
const decided = jest.fn<void, [Decision]>();
const recordActivity = jest.fn<void, [string, string?]>();
const credentials: VendedCredentials = {
  accessKeyId: "A",
  secretAccessKey: "S",
  sessionToken: "T",
  expiration: new Date("2026-11-21T10:00:00.123Z"),
};
const working: VendingDependencies = {
  verifyToken: async () => ({
    clientId: CLIENT_ID,
    scope: `${RESOURCE_SERVER}/write ${RESOURCE_SERVER}/delete`,
    issuedAt: NOW,
  }),
  lookUpClient: async () => ({ role: CLIENT_ROLE, control: undefined }),
  recordActivity,
  assumeRole: async () => credentials,
  observer: { decided, activityNotRecorded: () => {} },
  destination: { bucket: "bucket", region: "eu-west-1" },
  resourceServerIdentifier: RESOURCE_SERVER,
  now: () => NOW * 1000,
};
const event = {
  body: '{"access_token":"t"}',
  requestContext: { requestId: "gateway-1", http: { sourceIp: "198.51.100.7" } },
};
const context = { awsRequestId: "lambda-1", getRemainingTimeInMillis: () => 10_000 };

beforeEach(() => {
  decided.mockReset();
  recordActivity.mockReset();
});

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

it("who is given credentials is noted, and nobody who is refused", async () => {
  await run();
  expect(recordActivity.mock.calls).toEqual([[CLIENT_ID, undefined]]);
  recordActivity.mockReset();
  const said = { ...event, body: '{"access_token":"t","secret_fingerprint":"0123456789ab"}' };
  await createHandler(working)(said, context);
  expect(recordActivity.mock.calls).toEqual([[CLIENT_ID, "0123456789ab"]]);
  recordActivity.mockReset();
  const disabled = { ...noControl(CLIENT_ID), disabled: true };
  await run({ lookUpClient: async () => ({ role: CLIENT_ROLE, control: disabled }) });
  await run({
    lookUpClient: async () => ({ role: { ...CLIENT_ROLE, allowedScopes: ["read"] }, control: undefined }),
  });
  await run({ verifyToken: () => Promise.reject(new VendingError("token_use_wrong")) });
  expect(recordActivity).not.toHaveBeenCalled();
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
  ["client_disabled", new VendingError("client_disabled"), 403, {}],
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
  ["looking up", { lookUpClient: () => Promise.reject(new TypeError("secret")) }],
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

describe("of a client under control", () => {
  const under = (control: Partial<ClientControl>, more: Partial<VendingDependencies> = {}) =>
    run({
      lookUpClient: async () => ({ role: CLIENT_ROLE, control: { ...noControl(CLIENT_ID), ...control } }),
      ...more,
    });

  it("that is disabled nothing is assumed, and the decision says for which server", async () => {
    const assumeRole = jest.fn();
    const { statusCode, body } = await under({ disabled: true }, { assumeRole });
    expect([statusCode, JSON.parse(body).error]).toEqual([403, "client_disabled"]);
    expect(assumeRole).not.toHaveBeenCalled();
    expect(decided.mock.calls[0]?.[0]).toMatchObject({
      subject: { clientId: CLIENT_ID, server: CLIENT_ROLE.serverName },
      refusal: { reason: "client_disabled" },
    });
  });

  it("that is disabled, even a token without a scope learns that and not the other", async () => {
    const verifyToken = async () => ({ clientId: CLIENT_ID, scope: "", issuedAt: NOW });
    expect(JSON.parse((await under({ disabled: true }, { verifyToken })).body).error).toBe("client_disabled");
  });

  it("whose tokens were revoked is asked for a new one, by OAuth's own words", async () => {
    const { statusCode, headers } = await under({ tokensNotBefore: NOW + 1 });
    expect(statusCode).toBe(401);
    expect(headers["WWW-Authenticate"]).toMatch(/^Bearer error="invalid_token"/);
  });

  it("that may only write, the role is assumed for less, and for a shorter time", async () => {
    const assumeRole = jest.fn(async () => credentials);
    const role = { ...CLIENT_ROLE, allowedScopes: ["write", "delete"] } as const;
    const control = { ...noControl(CLIENT_ID), writeOnly: true };
    expect((await run({ assumeRole, lookUpClient: async () => ({ role, control }) })).statusCode).toBe(200);
    expect(assumeRole).toHaveBeenCalledWith(role, { scopes: ["write"], durationSeconds: 900 }, expect.anything());
    expect(decided.mock.calls[0]?.[0].subject.scopesGranted).toEqual(["write"]);
  });

  it.each<[ClientControl["cidrEnforcement"], string, number, object]>([
    ["report", "198.51.100.0/24", 200, { sourceIp: "198.51.100.7" }],
    ["report", "203.0.113.0/24", 200, { sourceIp: "198.51.100.7", sourceOutside: true }],
    ["enforce", "203.0.113.0/24", 403, { sourceIp: "198.51.100.7" }],
  ])("whose networks are there to %s, one outside of %s", async (cidrEnforcement, cidr, status, observed) => {
    expect((await under({ allowedCidrs: [cidr], cidrEnforcement })).statusCode).toBe(status);
    const { clientId: _, server, scopesRequested, scopesGranted, ...rest } = decided.mock.calls[0]?.[0].subject ?? {};
    expect(rest).toEqual(observed);
  });
});

it("outside of API Gateway the request id is Lambda's", async () => {
  const result = await createHandler(working)({}, context);
  expect(JSON.parse(result.body).request_id).toBe("lambda-1");
});
