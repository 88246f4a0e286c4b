import { createServer } from "node:net";
import { join } from "node:path";
import { loadSettings } from "../../../client/settings/settings";
import { HOP_NAMES, type HopName, hopLines } from "../../../client/setup/checks";
import { examine } from "../../../client/setup/doctor";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
beforeEach(async () => {
  fixture = await TransferFixture.start();
});
afterEach(() => fixture.stop());

async function run(more: Readonly<Record<string, string>> = {}, writeTest = false) {
  const told: HopName[] = [];
  const hops = await examine({
    loadSettings: (warn) =>
      loadSettings({ env: { ...fixture.environment, ...more }, defaultConfigFile: join(fixture.folder, "none"), warn }),
    writeTest,
    signal: fixture.controller.signal,
    report: ({ hop }) => void told.push(hop),
  });
  expect(told).toEqual(HOP_NAMES);
  expect(JSON.stringify(hops) + hops.map(hopLines).join()).not.toMatch(
    /s3cret-of-the-client|secret-key-|session-token-/,
  );
  return hops;
}

/** The one hop that failed; all before it worked, none after it was tried. */
async function failure(more: Readonly<Record<string, string>> = {}, writeTest = false) {
  const hops = await run(more, writeTest);
  const index = hops.findIndex(({ status }) => status === "failed");
  expect(hops.slice(0, index).every(({ status }) => status === "ok")).toBe(true);
  expect(hops.slice(index + 1).every(({ status }) => status === "skipped")).toBe(true);
  const hop = hops[index];
  expect(hop?.remedy).toBeTruthy();
  return hop;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("all hops work: each is timed, and nothing is written", async () => {
  const hops = await run({ S3_BUCKET: "uploads", S3_PATH_PREFIX: "logs/" });
  expect(hops.every(({ status, milliseconds }) => status === "ok" && milliseconds !== undefined)).toBe(true);
  expect(fixture.s3.calls.map(({ operation }) => operation)).toEqual(["ListObjectsV2"]);
  expect(hops.at(-1)?.notes.join()).toContain("--write-test");
});

it("--write-test begins an upload and takes it back", async () => {
  const hops = await run({}, true);
  expect(hops.at(-1)?.message).toContain("may write");
  expect(fixture.s3.count("CreateMultipartUpload")).toBe(1);
  expect(fixture.s3.uploads.size).toBe(0);
  expect(fixture.s3.objects.size).toBe(0);
});

describe("settings", () => {
  it("missing", async () => {
    expect(await failure({ COGNITO_CLIENT_ID: "" })).toMatchObject({
      hop: "settings",
      message: expect.stringContaining("COGNITO_CLIENT_ID"),
    });
  });

  it("another identity provider", async () => {
    expect(await failure({ IDP_TYPE: "auth0" })).toMatchObject({
      hop: "settings",
      message: expect.stringContaining("auth0"),
    });
  });
});

describe("token endpoint", () => {
  it("no such name", async () => {
    const hop = await failure({ COGNITO_TOKEN_ENDPOINT: "https://nowhere.invalid/oauth2/token" });
    expect(hop).toMatchObject({ hop: "token endpoint", code: "network_dns", exitCode: 5 });
  });

  it("nothing listens", async () => {
    const hop = await failure({ COGNITO_TOKEN_ENDPOINT: `http://127.0.0.1:${await closedPort()}/oauth2/token` });
    expect(hop).toMatchObject({ hop: "token endpoint", code: "network_refused" });
  });

  it("TLS", async () => {
    const hop = await failure({ COGNITO_TOKEN_ENDPOINT: fixture.services.origin.replace("http:", "https:") });
    expect(hop).toMatchObject({ hop: "token endpoint", code: "network_tls" });
  });

  it("proxy", async () => {
    const hop = await failure({
      COGNITO_TOKEN_ENDPOINT: "https://nowhere.invalid/oauth2/token",
      HTTPS_PROXY: `http://user:hidden@127.0.0.1:${await closedPort()}`,
    });
    expect(hop).toMatchObject({ hop: "token endpoint", code: "network_proxy" });
    expect(JSON.stringify(hop)).not.toContain("hidden");
  });

  it("clock off by N seconds", async () => {
    fixture.services.clockOffsetMs = -4_000_000;
    const hop = await failure();
    expect(hop).toMatchObject({
      hop: "token endpoint",
      code: "clock_skew",
      message: expect.stringMatching(/(3999|4000|4001) s ahead/),
    });
    fixture.services.clockOffsetMs = 20_000;
    const hops = await run();
    expect(hops[1]?.notes.join()).toMatch(/(19|20) s behind/);
  });
});

describe("token", () => {
  it("wrong client id or secret", async () => {
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    expect(await failure()).toMatchObject({ hop: "token", code: "invalid_client", exitCode: 4 });
  });

  it("throttled", async () => {
    fixture.services.token = ({ body }) =>
      body === "" ? {} : { status: 429, headers: { "retry-after": "7" }, body: {} };
    expect(await failure()).toMatchObject({ hop: "token", code: "throttled", remedy: expect.stringContaining("7 s") });
  });

  it("wrong region: somebody else's page answers", async () => {
    fixture.services.token = () => ({ status: 404, body: "<html>not here</html>" });
    const env = { COGNITO_CREDENTIAL_API_URL: "https://x.execute-api.eu-central-1.amazonaws.com/credentials" };
    const hop = await failure(env);
    expect(hop).toMatchObject({ hop: "token", code: "wrong_region", remedy: expect.stringContaining("eu-central-1") });
  });

  it("wrong resource server: a token that allows nothing here", async () => {
    expect(await failure({ COGNITO_RESOURCE_SERVER: "https://other" })).toMatchObject({
      hop: "token",
      message: expect.stringContaining("allows nothing of the resource server https://other"),
    });
  });
});

describe("vending API and credentials", () => {
  it("nothing listens", async () => {
    const hop = await failure({ COGNITO_CREDENTIAL_API_URL: `http://127.0.0.1:${await closedPort()}/credentials` });
    expect(hop).toMatchObject({ hop: "vending API", code: "network_refused" });
  });

  it.each([
    [403, "unknown_client", "onboard"],
    [403, "insufficient_scope", "s3_permissions"],
    [401, "invalid_token", "same environment"],
    [503, "temporarily_unavailable", "Try again"],
    [429, "throttled", "Try again"],
  ])("%i %s", async (status, code, remedy) => {
    fixture.services.vending = ({ body }) =>
      body === "" ? {} : { status, body: { error: code, error_description: "A sentence.", request_id: "r-1" } };
    expect(await failure()).toMatchObject({ hop: "credentials", code, remedy: expect.stringContaining(remedy) });
  });
});

describe("prefix", () => {
  it.each([
    ["S3_BUCKET", "other", "S3_BUCKET is other, but the vending API says uploads"],
    ["S3_PATH_PREFIX", "other/", "S3_PATH_PREFIX is other/, but the vending API says logs/"],
    ["AWS_REGION", "us-east-1", "AWS_REGION is us-east-1, but the vending API says eu-west-1"],
  ])("another %s than the vending API's", async (name, value, message) => {
    expect(await failure({ [name]: value })).toMatchObject({ hop: "prefix", code: "settings", message });
    expect(fixture.s3.calls).toEqual([]);
  });

  it.each([
    [404, "NoSuchBucket", "no_such_bucket"],
    [301, "PermanentRedirect", "wrong_region"],
    [403, "AccessDenied", "access_denied"],
  ])("%i %s", async (status, s3Code, code) => {
    fixture.s3.fault = () => ({ status, code: s3Code });
    expect(await failure()).toMatchObject({ hop: "prefix", code });
  });

  it("a level that may not list: S3's refusal to read what is not there is as it must be", async () => {
    const writer = await TransferFixture.start(["write"]);
    const own = fixture;
    fixture = writer;
    try {
      writer.s3.fault = ({ operation }) =>
        operation === "GetObject" ? { status: 403, code: "AccessDenied" } : undefined;
      expect((await run()).at(-1)).toMatchObject({ status: "ok" });
      writer.s3.fault = () => ({ status: 403, code: "InvalidAccessKeyId" });
      expect((await run()).at(-1)).toMatchObject({ status: "failed" });
      writer.s3.fault = () => ({ status: 403, code: "AccessDenied" });
      expect(await failure({}, true)).toMatchObject({ hop: "prefix", code: "access_denied" });
    } finally {
      await writer.stop();
      fixture = own;
    }
  });

  it("--write-test is refused to a level that may not write", async () => {
    const own = fixture;
    fixture = await TransferFixture.start(["read"]);
    try {
      expect(await failure({}, true)).toMatchObject({ hop: "prefix", code: "scope_not_allowed" });
    } finally {
      await fixture.stop();
      fixture = own;
    }
  });
});
