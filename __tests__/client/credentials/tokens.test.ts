import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../client/core/errors";
import { expiryOf, tokenText } from "../../../client/credentials/access-token";
import { getCredentials } from "../../../client/credentials/credentials";
import { cachedAccessToken, newAccessToken, parseScopes } from "../../../client/credentials/tokens";
import { loadSettings, loadTokenSettings, type TokenSettings } from "../../../client/settings/settings";
import { FakeServices } from "../support/fake-services";
import { skipWaits } from "../support/stand-ins";
import { token as tokenWith } from "../support/transfer-fixture";

let services: FakeServices;
let home: string;
let messages: string[];

beforeEach(async () => {
  services = await new FakeServices().start();
  home = mkdtempSync(join(tmpdir(), "oidc-s3-token-"));
  messages = [];
  skipWaits();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await services.stop();
  rmSync(home, { recursive: true });
});

const report = (message: string) => void messages.push(message);
const cacheFolder = () => join(home, "oidc-s3");

/** The settings of a client that has no vending API, bucket or prefix. */
function settings(env: Record<string, string | undefined> = {}): TokenSettings {
  const { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET } = services.environment;
  return loadTokenSettings({
    env: { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET, XDG_CACHE_HOME: home, ...env },
    defaultConfigFile: "/nowhere",
  });
}

const get = async (scopes?: readonly string[], of = settings()) =>
  cachedAccessToken(of, scopes) ?? (await newAccessToken(of, { scopes, report }));
const tokenOf = async (scopes?: readonly string[], of = settings()) => (await get(scopes, of)).value.reveal();

/** Lets time pass, for this program alone. */
function pass(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, "now").mockImplementation(() => now);
}

describe("a token", () => {
  it("comes from the cache for three quarters of its life, whatever else is not set", async () => {
    const first = await tokenOf();
    pass(2690);
    expect(await tokenOf()).toBe(first);
    expect(services.tokenRequests).toHaveLength(1);
    pass(20);
    expect(await tokenOf()).not.toBe(first);
    expect(services.tokenRequests).toHaveLength(2);
    expect(messages).toEqual([]);
  });

  it("is cached privately", async () => {
    await get();
    expect(statSync(cacheFolder()).mode & 0o777).toBe(0o700);
    const names = readdirSync(cacheFolder());
    expect(names).toEqual([expect.stringMatching(/^[0-9a-f]{40}\.token\.json$/)]);
    expect(statSync(join(cacheFolder(), names[0] ?? "")).mode & 0o777).toBe(0o600);
  });

  it("is requested once by all who ask at the same time", async () => {
    services.token = () => ({ delayMs: 20 });
    const values = await Promise.all(Array.from({ length: 20 }, () => tokenOf(["a/read"])));
    expect(new Set(values).size).toBe(1);
    expect(services.tokenRequests).toHaveLength(1);
  });

  it("of other scopes is another one; their order and repetition change nothing", async () => {
    const all = await tokenOf();
    const both = await tokenOf(["a/read", "b/write"]);
    expect(await tokenOf(["a/read"])).not.toBe(both);
    expect(await tokenOf(["b/write", "a/read", "b/write"])).toBe(both);
    expect(await tokenOf()).toBe(all);
    const asked = services.tokenRequests.map(({ body }) => new URLSearchParams(body).get("scope"));
    expect(asked).toEqual([null, "a/read b/write", "a/read"]);
  });

  it("of a server is the one that its credentials were traded for", async () => {
    const server = { ...services.environment, XDG_CACHE_HOME: home };
    const ofServer = loadSettings({ env: server, defaultConfigFile: "/nowhere" });
    await getCredentials(ofServer, {});
    await getCredentials(ofServer, { scopes: ["read"] });
    await get(undefined, settings(server));
    await get([`${services.environment.COGNITO_RESOURCE_SERVER}/read`], settings(server));
    expect(services.tokenRequests).toHaveLength(2);
  });

  it("that is not wanted any more makes room for a new one, which everybody then gets", async () => {
    const old = await get();
    const fresh = await newAccessToken(settings(), { instead: old, report });
    expect(fresh.value.reveal()).not.toBe(old.value.reveal());
    expect(await tokenOf()).toBe(fresh.value.reveal());
    // Another process was as quick: its new one is good enough.
    await newAccessToken(settings(), { instead: old, report });
    expect(services.tokenRequests).toHaveLength(2);
  });

  it("without a cache is given all the same, and it is told", async () => {
    const of = settings({ XDG_CACHE_HOME: undefined });
    expect(await tokenOf(undefined, of)).toBe("header.1.signature");
    expect(messages).toEqual([expect.stringMatching(/^nothing is cached: this user has no home/)]);
  });

  it("is not asked for again as long as the token endpoint wants to be left alone", async () => {
    services.token = () => ({ status: 429, headers: { "retry-after": "40" } });
    await expect(get()).rejects.toMatchObject({ code: "throttled" });
    await expect(get()).rejects.toMatchObject({ code: "throttled", exitCode: 5 });
    expect(services.tokenRequests).toHaveLength(1);
    services.token = undefined;
    pass(41);
    await get();
  });

  it.each(["a\nX-Admin: 1", "a b", "<html>", "tök"])(
    "of the form %j is none: it would be another header",
    async (value) => {
      services.token = () => ({ body: { access_token: value, expires_in: 3600 } });
      await expect(get()).rejects.toMatchObject({ code: "unexpected_answer" });
      services.token = undefined;
      // In the same millisecond it would be another process's failure, which is shared.
      pass(1);
      await get();
      const [name = ""] = readdirSync(cacheFolder()).filter((entry) => entry.endsWith(".token.json"));
      const path = join(cacheFolder(), name);
      writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), value }));
      expect(cachedAccessToken(settings(), undefined)).toBeUndefined();
    },
  );

  it("that is refused for its scopes says what a scope is", async () => {
    services.token = () => ({ status: 400, body: { error: "invalid_scope" } });
    const refusal = (scopes: readonly string[]) => get(scopes).catch((error: unknown) => error);
    expect(await refusal(["read"])).toMatchObject({
      message: "the token endpoint refused the scopes read",
      remedy: "A scope is whole, as in IDENTIFIER/NAME",
    });
    expect(await refusal(["a/read"])).toMatchObject({ remedy: expect.stringMatching(/that this client was given/) });
  });
});

describe("printed", () => {
  it("alone, and as a header", async () => {
    const token = await get();
    expect(tokenText(token, "token")).toBe("header.1.signature");
    expect(tokenText(token, "header")).toBe("Authorization: Bearer header.1.signature");
  });

  it("as the token endpoint has it, with what is left of its life", async () => {
    services.token = () => ({ body: { ...services.tokenBody(), access_token: tokenWith(["read"]) } });
    const token = await get();
    pass(1000);
    expect(JSON.parse(tokenText(token, "json"))).toEqual({
      access_token: token.value.reveal(),
      token_type: "Bearer",
      expires_in: expect.any(Number),
      expires_at: expiryOf(token).toISOString(),
      scope: "https://s3-uploader.dev.oidc-s3/read",
    });
    expect(JSON.parse(tokenText(token, "json")).expires_in).toBeLessThanOrEqual(2600);
    expect(JSON.parse(tokenText(token, "json")).expires_in).toBeGreaterThan(2590);
  });
});

describe("--scope", () => {
  it.each([
    [[], undefined],
    [["a/read"], ["a/read"]],
    [
      ["a/read b/write", "a/read"],
      ["a/read", "b/write"],
    ],
    [["https://s3-uploader.dev.oidc-s3/read"], ["https://s3-uploader.dev.oidc-s3/read"]],
  ])("%j is %j", (values, scopes) => expect(parseScopes(values)).toEqual(scopes));

  it.each(['a"b', "a\\b", "a\nb", "ä/read"])("%j is none, beside one that is", (value) =>
    expect(() => parseScopes(["a/read", value])).toThrow(UsageError),
  );

  it.each(["", "  "])("%j alone asks for nothing", (value) => expect(() => parseScopes([value])).toThrow(UsageError));
});
