import { createHash } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { loadSettings, type Settings } from "../../../client/settings/settings";
import { CHECK_NAMES, type CheckName, checkLines, checksJson } from "../../../client/setup/checks";
import { examine } from "../../../client/setup/doctor";
import { add, brokenProfiles, remove } from "../../../client/setup/profile";
import { knowNoNames } from "../support/stand-ins";
import { TransferFixture } from "../support/transfer-fixture";

let fixture: TransferFixture;
beforeEach(async () => {
  fixture = await TransferFixture.start();
});
afterEach(() => fixture.stop());

async function run(
  more: Readonly<Record<string, string>> = {},
  writeTest = false,
  change = (settings: Settings): Settings => settings,
) {
  const reported: CheckName[] = [];
  const results = await examine({
    loadSettings: (note) => {
      const env = { ...fixture.environment, ...more };
      return change(loadSettings({ env, defaultConfigFile: join(fixture.folder, "none"), warn: note, note }));
    },
    brokenProfiles: () => brokenProfiles({ HOME: fixture.folder }),
    writeTest,
    signal: fixture.controller.signal,
    report: ({ check }) => void reported.push(check),
  });
  expect(reported).toEqual(CHECK_NAMES);
  expect(JSON.stringify(results) + results.map((result) => checkLines(result)).join()).not.toMatch(
    /s3cret-of-the-client|secret\/key|session\/token/,
  );
  return results;
}

/** The one check that failed; all before it worked, none after it was tried. */
async function failure(...args: Parameters<typeof run>) {
  const results = await run(...args);
  const index = results.findIndex(({ status }) => status === "failed");
  expect(results.slice(0, index).every(({ status }) => status === "ok")).toBe(true);
  expect(results.slice(index + 1).every(({ status }) => status === "skipped")).toBe(true);
  const result = results[index];
  expect(result?.remedy).toBeTruthy();
  return result;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

it("all checks pass: each is timed, and nothing is written", async () => {
  const results = await run({ S3_BUCKET: "uploads", S3_PATH_PREFIX: "logs/" });
  expect(results.every(({ status, milliseconds }) => status === "ok" && milliseconds !== undefined)).toBe(true);
  expect(fixture.s3.calls.map(({ operation }) => operation)).toEqual(["ListObjectsV2"]);
  expect(results.at(-1)?.notes.join()).toContain("--write-test");
});

it("--json keeps its documented keys", async () => {
  const { ok, hops } = JSON.parse(checksJson(await run()));
  expect(ok).toBe(true);
  expect(hops.map(({ hop }: { hop: string }) => hop)).toEqual(CHECK_NAMES);
  expect(Object.keys(hops[0])).toEqual(["hop", "status", "milliseconds", "message", "notes"]);
  fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
  const failed = JSON.parse(checksJson(await run()));
  expect(failed.ok).toBe(false);
  expect(Object.keys(failed.hops[2])).toEqual([
    ...["hop", "status", "milliseconds", "message", "notes", "code", "remedy", "exitCode"],
  ]);
});

it("--write-test begins an upload and takes it back", async () => {
  const results = await run({}, true);
  expect(results.at(-1)?.message).toContain("may write");
  expect(fixture.s3.count("CreateMultipartUpload")).toBe(1);
  expect(fixture.s3.uploads.size).toBe(0);
  expect(fixture.s3.objects.size).toBe(0);
});

describe("settings", () => {
  it("says first whom it is and where it writes, then where that was found; a file once", async () => {
    const file = join(fixture.folder, "config.env");
    const { COGNITO_CLIENT_ID: id, COGNITO_CLIENT_SECRET: secret } = fixture.environment;
    writeFileSync(file, `COGNITO_CLIENT_ID=${id}\nCOGNITO_CLIENT_SECRET=${secret}\n`, { mode: 0o600 });
    const fingerprint = createHash("sha256").update(String(secret)).digest("hex").slice(0, 12);
    const place = { S3_BUCKET: "uploads", S3_PATH_PREFIX: "logs/" };
    const inFile = { ...place, OIDC_S3_CONFIG: file, COGNITO_CLIENT_ID: "", COGNITO_CLIENT_SECRET: "" };
    const [first] = await run(inFile);
    expect(first?.message.split("\n")).toEqual([
      `s3://uploads/logs/, as client ${id}`,
      `COGNITO_CLIENT_ID and its secret from ${file}, lines 1 and 2`,
      `its secret has the fingerprint ${fingerprint}`,
    ]);
    const [other] = await run(place);
    expect(other?.message.split("\n").slice(1)).toEqual([
      "COGNITO_CLIENT_ID from environment variable COGNITO_CLIENT_ID",
      "its secret from environment variable COGNITO_CLIENT_SECRET",
      `its secret has the fingerprint ${fingerprint}`,
    ]);
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    expect((await failure(inFile))?.remedy).toContain(
      `Check COGNITO_CLIENT_ID and its secret (${file}, lines 1 and 2), and that COGNITO_TOKEN_ENDPOINT (in the environment) is of`,
    );
  });

  it("missing", async () => {
    expect(await failure({ COGNITO_CLIENT_ID: "" })).toMatchObject({
      check: "settings",
      message: expect.stringContaining("COGNITO_CLIENT_ID"),
    });
  });

  it("tells of a profile whose settings file is gone, whether there are settings or not", async () => {
    const file = join(fixture.folder, "gone with the sandbox.env");
    writeFileSync(file, "");
    const env = { HOME: fixture.folder };
    const quiet = { print: () => {}, say: () => {} };
    const program = ["/proc/self/exe", fixture.folder] as const;
    add({ ...quiet, env, name: "of-sandbox", settings: fixture.settings(), configFile: file, program });
    expect((await run())[0]?.notes.join()).not.toContain("profile");
    rmSync(file);
    const told = `[profile of-sandbox] in ${fixture.folder}/.aws/config names ${file}, which is gone`;
    for (const [first] of [await run(), await run({ COGNITO_CLIENT_ID: "" })]) {
      expect(first?.notes).toContainEqual(expect.stringContaining(told));
      expect(first?.notes.join()).toContain('"oidc-s3 profile --remove --name of-sandbox"');
    }
    remove({ ...quiet, env, name: "of-sandbox" });
    expect((await run())[0]?.notes.join()).not.toContain("profile");
  });

  it("another identity provider", async () => {
    expect(await failure({ IDP_TYPE: "auth0" })).toMatchObject({
      check: "settings",
      message: expect.stringContaining("auth0"),
    });
  });
});

describe("token endpoint", () => {
  it("no such name", async () => {
    const names = knowNoNames();
    const endpoint = { COGNITO_TOKEN_ENDPOINT: "https://nowhere.invalid/oauth2/token" };
    const result = await failure(endpoint).finally(() => names.mockRestore());
    expect(result).toMatchObject({ check: "token endpoint", code: "network_dns", exitCode: 5 });
    expect(result?.remedy).toMatch(/^Check COGNITO_TOKEN_ENDPOINT \(in the environment\) for a typing error, then/);
    expect(result?.remedy).not.toMatch(/DOMAIN|REGION|API_URL/);
  });

  it("nothing listens", async () => {
    const result = await failure({ COGNITO_TOKEN_ENDPOINT: `http://127.0.0.1:${await closedPort()}/oauth2/token` });
    expect(result).toMatchObject({ check: "token endpoint", code: "network_refused" });
  });

  it("TLS", async () => {
    const result = await failure({ COGNITO_TOKEN_ENDPOINT: fixture.services.origin.replace("http:", "https:") });
    expect(result).toMatchObject({ check: "token endpoint", code: "network_tls" });
    expect(result?.message).toContain("what listens there speaks plain http or something else, not TLS (https)");
    expect(result?.remedy).toMatch(/^Check host and port of COGNITO_TOKEN_ENDPOINT \(in the environment\)/);
  });

  it("proxy", async () => {
    const result = await failure({
      COGNITO_TOKEN_ENDPOINT: "https://nowhere.invalid/oauth2/token",
      HTTPS_PROXY: `http://user:hidden@127.0.0.1:${await closedPort()}`,
    });
    expect(result).toMatchObject({ check: "token endpoint", code: "network_proxy" });
    expect(JSON.stringify(result)).not.toContain("hidden");
  });

  it("clock off by N seconds", async () => {
    fixture.services.clockOffsetMs = -4_000_000;
    const result = await failure();
    expect(result).toMatchObject({
      check: "token endpoint",
      code: "clock_skew",
      message: expect.stringMatching(/(3999|4000|4001) s ahead/),
    });
    fixture.services.clockOffsetMs = 20_000;
    const results = await run();
    expect(results[1]?.notes.join()).toMatch(/(19|20) s behind/);
  });
});

describe("token", () => {
  it("wrong client id or secret", async () => {
    fixture.services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    expect(await failure()).toMatchObject({ check: "token", code: "invalid_client", exitCode: 4 });
  });

  it("throttled", async () => {
    fixture.services.token = ({ body }) =>
      body === "" ? {} : { status: 429, headers: { "retry-after": "7" }, body: {} };
    expect(await failure()).toMatchObject({
      check: "token",
      code: "throttled",
      remedy: expect.stringContaining("7 s"),
    });
  });

  it("wrong region: somebody else's page answers", async () => {
    fixture.services.token = () => ({ status: 404, body: "<html>not here</html>" });
    const env = { COGNITO_CREDENTIAL_API_URL: "https://x.execute-api.eu-central-1.amazonaws.com/credentials" };
    // As though the address were made of domain and region: nothing on loopback could answer in its place.
    const derived = ({ sources: { tokenEndpoint: _, ...sources }, ...settings }: Settings) => ({
      ...settings,
      sources,
    });
    const result = await failure(env, false, derived);
    expect(result).toMatchObject({
      check: "token",
      code: "wrong_region",
      remedy: expect.stringContaining("eu-central-1"),
    });
  });

  it("a page that answers at a token endpoint of another name is no matter of the region", async () => {
    fixture.services.token = () => ({ status: 404, body: "<html>not here</html>" });
    const env = { COGNITO_CREDENTIAL_API_URL: "https://x.execute-api.eu-central-1.amazonaws.com/credentials" };
    const result = await failure(env);
    expect(result).toMatchObject({ check: "token", code: "unexpected_answer" });
    expect(result?.remedy).toMatch(/^Check COGNITO_TOKEN_ENDPOINT \(in the environment\);/);
  });

  it("wrong resource server: a token that allows nothing here", async () => {
    expect(await failure({ COGNITO_RESOURCE_SERVER: "https://other" })).toMatchObject({
      check: "token",
      message: expect.stringContaining("allows nothing of the resource server https://other"),
    });
  });
});

describe("vending API and credentials", () => {
  it("nothing listens", async () => {
    const result = await failure({ COGNITO_CREDENTIAL_API_URL: `http://127.0.0.1:${await closedPort()}/credentials` });
    expect(result).toMatchObject({ check: "vending API", code: "network_refused" });
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
    expect(await failure()).toMatchObject({ check: "credentials", code, remedy: expect.stringContaining(remedy) });
  });
});

describe("prefix", () => {
  it.each([
    ["S3_BUCKET", "other", "S3_BUCKET (in the environment) is other, but the vending API says uploads"],
    ["S3_PATH_PREFIX", "other/", "S3_PATH_PREFIX (in the environment) is other/, but the vending API says logs/"],
    ["AWS_REGION", "us-east-1", "AWS_REGION (in the environment) is us-east-1, but the vending API says eu-west-1"],
  ])("another %s than the vending API's", async (name, value, message) => {
    expect(await failure({ [name]: value })).toMatchObject({ check: "prefix", code: "settings", message });
    expect(fixture.s3.calls).toEqual([]);
  });

  it.each([
    [404, "NoSuchBucket", "no_such_bucket"],
    [301, "PermanentRedirect", "wrong_region"],
    [403, "AccessDenied", "access_denied"],
  ])("%i %s", async (status, s3Code, code) => {
    fixture.s3.fault = () => ({ status, code: s3Code });
    expect(await failure()).toMatchObject({ check: "prefix", code });
  });

  it("a level that may not list: S3's refusal to read what is not there is as expected", async () => {
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
      expect(await failure({}, true)).toMatchObject({ check: "prefix", code: "access_denied" });
    } finally {
      await writer.stop();
      fixture = own;
    }
  });

  it("--write-test is refused to a level that may not write", async () => {
    const own = fixture;
    fixture = await TransferFixture.start(["read"]);
    try {
      expect(await failure({}, true)).toMatchObject({ check: "prefix", code: "scope_not_allowed" });
    } finally {
      await fixture.stop();
      fixture = own;
    }
  });
});
