import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCredentials } from "../../../client/credentials/credentials";
import type { CredentialRequest } from "../../../client/credentials/request";
import { cacheStatus, statusJson, statusLines } from "../../../client/credentials/status";
import { newAccessToken } from "../../../client/credentials/tokens";
import { loadSettings, loadTokenSettings } from "../../../client/settings/settings";
import { FakeServices } from "../support/fake-services";
import { skipWaits } from "../support/stand-ins";
import { token } from "../support/transfer-fixture";

let services: FakeServices;
let home: string;

beforeEach(async () => {
  services = await new FakeServices().start();
  services.token = () => ({ body: { ...services.tokenBody(), access_token: token(["write"]) } });
  home = mkdtempSync(join(tmpdir(), "oidc-s3-status-"));
  skipWaits();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await services.stop();
  rmSync(home, { recursive: true });
});

const input = () => ({ env: { ...services.environment, XDG_CACHE_HOME: home }, defaultConfigFile: "/nowhere" });
const status = (request: CredentialRequest = {}, secondsLater = 0) => {
  const now = Date.now() + secondsLater * 1000;
  const found = cacheStatus(input(), request, now);
  return { json: JSON.parse(statusJson(found, now)), text: statusLines(found, now).join("\n") };
};

it("nothing is cached, and nothing is asked for", () => {
  const { json, text } = status();
  expect(json).toEqual({
    client_id: "1abc2defg3hij4klmno5pqrs6",
    bucket: null,
    prefix: null,
    cache_directory: join(home, "oidc-s3"),
    credentials: null,
    token: null,
    last_failure: null,
  });
  expect(text).toMatch(/^prefix +as the vending API will say\ncredentials +none: /m);
  expect(services.tokenRequests).toEqual([]);
});

it("credentials and token, until when, and where they write, without a secret", async () => {
  await getCredentials(loadSettings(input()));
  const { json, text } = status();
  expect(json).toMatchObject({ bucket: "uploads", prefix: "logs/", last_failure: null });
  expect(json.credentials).toMatchObject({
    access_key_id: "ASIAFAKE0001",
    scopes: ["write"],
    renewed_at_next_use: false,
  });
  expect(json.credentials.seconds_left).toBeGreaterThan(3590);
  const [used, valid] = [Date.parse(json.token.used_until), Date.parse(json.token.expires_at)];
  expect(valid - used).toBe(900_000);
  expect(text).toMatch(
    /^prefix +s3:\/\/uploads\/logs\/\ncredentials +ASIAFAKE0001, allow write, until \S+Z \(59 min\)\ntoken +for https/m,
  );
  expect(JSON.stringify(json) + text).not.toMatch(/secret\/key|session\/token|e30\.|s3cret/);
  expect([services.tokenRequests.length, services.vendingRequests.length]).toEqual([1, 1]);
});

it("what is renewed at the next use, or has expired, is told as that", async () => {
  await getCredentials(loadSettings(input()));
  expect(status({}, 3400)).toMatchObject({
    json: { credentials: { renewed_at_next_use: true }, token: null },
    text: expect.stringMatching(/\((199|200) s, renewed at the next use\)\ntoken +none/),
  });
  expect(status({}, 3700).json).toMatchObject({ credentials: null, bucket: null });
});

it("is of the same question as get-credentials: other scopes and durations have entries of their own", async () => {
  await getCredentials(loadSettings(input()), { scopes: ["write"], durationSeconds: 900 });
  expect(status().json).toMatchObject({ credentials: null, token: null });
  expect(status({ scopes: ["write"] }).json).toMatchObject({ credentials: null, token: {} });
  expect(status({ scopes: ["write"], durationSeconds: 900 }).json).toMatchObject({ credentials: {} });
});

it("the last failure, until something has worked again", async () => {
  services.vending = () => ({ status: 403, body: { error: "unknown_client", error_description: "No such client." } });
  await expect(getCredentials(loadSettings(input()))).rejects.toThrow();
  const { json, text } = status();
  expect(json.last_failure).toMatchObject({ code: "unknown_client", message: expect.stringMatching(/No such client/) });
  expect(text).toMatch(/^last failure \d{4}-.*unknown_client/m);
  services.vending = undefined;
  await getCredentials(loadSettings(input()));
  expect(status().json.last_failure).toBeNull();
});

it("a client of another API has a token and nothing else", async () => {
  const env = { ...input().env, COGNITO_CREDENTIAL_API_URL: undefined, COGNITO_RESOURCE_SERVER: undefined };
  const client = { ...input(), env };
  await newAccessToken(loadTokenSettings(client), { report: () => {} });
  const found = cacheStatus(client, {});
  expect(statusLines(found).map((line) => line.split(" ")[0])).toEqual(["client", "token", "cache"]);
  expect(JSON.parse(statusJson(found))).toMatchObject({ credentials: null, token: { scope: expect.any(String) } });
});
