import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RefusedError, UnavailableError, UnreachableError } from "../../../client/core/errors";
import { credentialProvider, getCredentials } from "../../../client/credentials/credentials";
import type { CredentialOptions } from "../../../client/credentials/request";
import { loadSettings, type Settings } from "../../../client/settings/settings";
import { FakeServices } from "../support/fake-services";
import { skipWaits } from "../support/stand-ins";

let services: FakeServices;
let home: string;
let messages: string[];
let waits: number[];

beforeEach(async () => {
  services = await new FakeServices().start();
  home = mkdtempSync(join(tmpdir(), "oidc-s3-cache-"));
  messages = [];
  waits = skipWaits();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await services.stop();
  rmSync(home, { recursive: true });
});

const cacheFolder = () => join(home, "oidc-s3");

function settings(env: Record<string, string | undefined> = {}): Settings {
  return loadSettings({
    env: { ...services.environment, XDG_CACHE_HOME: home, ...env },
    defaultConfigFile: "/nowhere",
  });
}

function get(options: CredentialOptions = {}, env: Record<string, string | undefined> = {}) {
  return getCredentials(settings(env), { report: (message) => messages.push(message), ...options });
}

const counts = () => [services.tokenRequests.length, services.vendingRequests.length];
const files = (ending: string) => readdirSync(cacheFolder()).filter((name) => name.endsWith(ending));

/** Whoever runs the test: this program is root, and the folder is not. */
function beRootInHomeOf(folder: string): void {
  if (process.getuid?.() === 0) chownSync(folder, 54321, 54321);
  else jest.spyOn(process, "getuid").mockReturnValue(0);
}

/** Lets time pass, for this program alone. */
function pass(seconds: number): void {
  const now = Date.now() + seconds * 1000;
  jest.spyOn(Date, "now").mockImplementation(() => now);
}

describe("the cache", () => {
  it("answers the second time, without a request", async () => {
    const first = await get();
    expect(await get()).toEqual(first);
    expect(counts()).toEqual([1, 1]);
    expect(messages).toEqual([]);
  });

  it("is private, whole and holds neither the client's secret nor a lock afterwards", async () => {
    await get();
    expect(statSync(cacheFolder()).mode & 0o777).toBe(0o700);
    const names = readdirSync(cacheFolder());
    expect(names.map((name) => name.replace(/^[0-9a-f]{40}/, "KEY")).sort()).toEqual([
      "KEY.credentials.json",
      "KEY.token.json",
    ]);
    for (const name of names) {
      expect(statSync(join(cacheFolder(), name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(join(cacheFolder(), name), "utf8")).not.toContain("s3cret");
    }
  });

  it("renews credentials under five minutes, with the same token up to three quarters of its life", async () => {
    services.lifeSeconds = 900;
    await get();
    pass(599);
    await get();
    expect(counts()).toEqual([1, 1]);
    pass(2);
    await get();
    expect(counts()).toEqual([1, 2]);
    pass(3600 * 0.75 - 605);
    await get();
    expect(counts()).toEqual([1, 3]);
    pass(700);
    await get();
    expect(counts()).toEqual([2, 4]);
  });

  it.each([
    ["client id", {}, { COGNITO_CLIENT_ID: "another" }],
    ["secret", {}, { COGNITO_CLIENT_SECRET: "another" }],
    ["resource server", {}, { COGNITO_RESOURCE_SERVER: "another" }],
    ["token endpoint", {}, "token"],
    ["API", {}, "api"],
    ["scopes", { scopes: ["read" as const] }, {}],
    ["duration", { durationSeconds: 900 }, {}],
  ])("answers only the same question: another %s is another one", async (_, options, change) => {
    const first = await get();
    const env =
      change === "token"
        ? { COGNITO_TOKEN_ENDPOINT: `${services.origin.replace("127.0.0.1", "localhost")}/oauth2/token` }
        : change === "api"
          ? { COGNITO_CREDENTIAL_API_URL: `${services.origin}/other` }
          : (change as Record<string, string>);
    expect((await get(options, env)).accessKeyId).not.toBe(first.accessKeyId);
    expect(await get()).toEqual(first);
  });

  it("the order of scopes and their repetition make no other question", async () => {
    const first = await get({ scopes: ["read", "write"] });
    expect(await get({ scopes: ["write", "read", "write"] })).toEqual(first);
    expect(new URLSearchParams(services.tokenRequests[0]?.body).get("scope")).toMatch(/\/write \S+\/read$/);
  });

  it("another duration uses the same token", async () => {
    await get();
    await get({ durationSeconds: 900 });
    expect(counts()).toEqual([1, 2]);
  });

  it("cache: false neither reads nor writes it", async () => {
    await get({ cache: false });
    expect(existsSync(cacheFolder())).toBe(false);
    await get();
    await get({ cache: false });
    expect(counts()).toEqual([3, 3]);
    expect(messages).toEqual([]);
  });

  it.each([
    "",
    "{",
    "null",
    '{"accessKeyId":"A"}',
    '{"expiration":"2999-01-01T00:00:00Z","clockAheadSeconds":0,"accessKeyId":""}',
  ])("a damaged file (%s) counts as none, and is replaced", async (content) => {
    await get();
    for (const name of files(".json")) writeFileSync(join(cacheFolder(), name), content);
    const renewed = await get();
    expect(counts()).toEqual([2, 2]);
    expect(await get()).toEqual(renewed);
  });

  it("what others could have written is not believed", async () => {
    const first = await get();
    const [name = ""] = files(".credentials.json");
    chmodSync(join(cacheFolder(), name), 0o644);
    expect((await get()).accessKeyId).not.toBe(first.accessKeyId);
  });

  it.each([0o777, 0o770, 0o722])(
    "nor is what stands in a folder of mode %o: it is emptied, closed and told",
    async (mode) => {
      const first = await get();
      writeFileSync(join(cacheFolder(), "container-token"), "of serve");
      mkdirSync(join(cacheFolder(), `${"a".repeat(40)}.credentials.lock`));
      chmodSync(cacheFolder(), mode);
      const second = await get();
      expect(second.accessKeyId).not.toBe(first.accessKeyId);
      // The token too: others could have chosen it.
      expect(counts()).toEqual([2, 2]);
      expect(statSync(cacheFolder()).mode & 0o777).toBe(0o700);
      expect(messages).toEqual([expect.stringMatching(/could be written by others: its files are removed/)]);
      expect(await get()).toEqual(second);
      expect(readdirSync(cacheFolder()).filter((name) => name !== "container-token")).toHaveLength(2);
    },
  );

  it("one that others can only read is closed, and goes on", async () => {
    const first = await get();
    chmodSync(cacheFolder(), 0o755);
    await get({ durationSeconds: 900 });
    expect(statSync(cacheFolder()).mode & 0o777).toBe(0o700);
    expect(await get()).toEqual(first);
    expect(counts()).toEqual([1, 2]);
    expect(messages).toEqual([]);
  });

  it("a value that has not the form of one is not taken from it either", async () => {
    const first = await get();
    const [name = ""] = files(".credentials.json");
    const path = join(cacheFolder(), name);
    const cached = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...cached, secretAccessKey: "$(id)" }));
    expect((await get()).secretAccessKey).toMatch(/^secret.key/);
    writeFileSync(path, JSON.stringify({ ...cached, region: "eu-west-1\nPATH=/tmp" }));
    expect((await get()).region).toBe(first.region);
  });

  it("a symbolic link in a file's place is not followed", async () => {
    const first = await get();
    const [name = ""] = files(".credentials.json");
    const planted = join(home, "planted.json");
    writeFileSync(planted, readFileSync(join(cacheFolder(), name)), { mode: 0o600 });
    rmSync(join(cacheFolder(), name));
    symlinkSync(planted, join(cacheFolder(), name));
    expect((await get()).accessKeyId).not.toBe(first.accessKeyId);
  });

  it("leftovers of killed processes are swept away, other files are not", async () => {
    await get();
    const key = files(".credentials.json")[0]?.slice(0, 40);
    const leftovers = [`.${key}.token.json.1.a.0.tmp`, `${key}.credentials.lock.b.tmp`, `${key}.old.json`].map((name) =>
      join(cacheFolder(), name),
    );
    const other = join(cacheFolder(), "container-token");
    for (const path of [...leftovers, other]) {
      writeFileSync(path, "");
      utimesSync(path, 0, 0);
    }
    await get({ durationSeconds: 900 });
    expect(leftovers.filter((path) => existsSync(path))).toEqual([]);
    expect(existsSync(other)).toBe(true);
  });

  it("is replaced only by something better", async () => {
    await get();
    const [name = ""] = files(".credentials.json");
    const before = readFileSync(join(cacheFolder(), name), "utf8");
    const shorter = await get({ minRemainingSeconds: 4000 });
    expect(shorter.accessKeyId).toBe("ASIAFAKE0002");
    services.lifeSeconds = 1000;
    await get({ minRemainingSeconds: 4000 });
    const after = JSON.parse(readFileSync(join(cacheFolder(), name), "utf8"));
    expect(new Date(after.expiration).getTime()).toBeGreaterThanOrEqual(
      new Date(JSON.parse(before).expiration).getTime(),
    );
  });
});

describe("a cache that cannot be used costs the cache and nothing else", () => {
  it.each([
    ["no home", { XDG_CACHE_HOME: undefined, HOME: undefined }, /no home/],
    ["a file in its place", { XDG_CACHE_HOME: "/dev/null" }, /\/dev\/null\/oidc-s3 cannot be used \(ENOTDIR\)/],
    ["a folder that cannot be made", { XDG_CACHE_HOME: "/proc/none" }, /\/proc\/none\/oidc-s3 cannot be used/],
  ])("%s", async (_, env, message) => {
    expect((await get({}, env)).accessKeyId).toBe("ASIAFAKE0001");
    expect(messages).toEqual([expect.stringMatching(message)]);
  });

  it("a symbolic link in its place, to wherever", async () => {
    mkdirSync(join(home, "elsewhere"));
    symlinkSync(join(home, "elsewhere"), cacheFolder());
    await get();
    expect(messages).toEqual([expect.stringMatching(/not a folder of this user alone/)]);
    expect(readdirSync(join(home, "elsewhere"))).toEqual([]);
  });

  it("a symbolic link in its place: what it leads to keeps its mode", async () => {
    mkdirSync(join(home, "elsewhere"));
    chmodSync(join(home, "elsewhere"), 0o755);
    symlinkSync(join(home, "elsewhere"), cacheFolder());
    await get();
    expect(statSync(join(home, "elsewhere")).mode & 0o777).toBe(0o755);
  });

  it("root with another user's HOME makes nothing in it, nor where a link of theirs leads", async () => {
    const roots = mkdtempSync(join(tmpdir(), "oidc-s3-roots-"));
    const another = join(home, "another");
    mkdirSync(another);
    symlinkSync(roots, join(another, ".cache"));
    beRootInHomeOf(another);
    await get({}, { XDG_CACHE_HOME: undefined, HOME: another });
    expect(messages).toEqual([expect.stringMatching(/nothing is cached: .* would be in another user's home/)]);
    expect(readdirSync(roots)).toEqual([]);
    rmSync(roots, { recursive: true });
  });
});

describe("a token that the API refuses", () => {
  const refuseOnce = (status: number, error: string) => {
    services.vending = () => {
      services.vending = undefined;
      return { status, body: { error, error_description: "No." } };
    };
  };

  it.each([
    [401, "invalid_token"],
    [403, "insufficient_scope"],
  ])("from the cache (%i %s): is dropped, and a fresh one is tried once", async (status, error) => {
    await get();
    refuseOnce(status, error);
    expect((await get({ durationSeconds: 900 })).accessKeyId).toBe("ASIAFAKE0002");
    expect(counts()).toEqual([2, 3]);
    await get({ durationSeconds: 1000 });
    expect(services.tokenRequests.length).toBe(2);
  });

  it("fresh: is a refusal", async () => {
    refuseOnce(401, "invalid_token");
    await expect(get()).rejects.toThrow(RefusedError);
    expect(counts()).toEqual([1, 1]);
  });

  it("once more though fresh: is a refusal, after two requests", async () => {
    await get();
    services.vending = () => ({ status: 401, body: { error: "invalid_token" } });
    await expect(get({ durationSeconds: 900 })).rejects.toThrow(RefusedError);
    expect(counts()).toEqual([2, 3]);
  });

  it("any other refusal drops nothing", async () => {
    await get();
    services.vending = () => ({ status: 403, body: { error: "unknown_client" } });
    await expect(get({ durationSeconds: 900 })).rejects.toMatchObject({ code: "unknown_client" });
    expect(counts()).toEqual([1, 2]);
    expect(files(".token.json")).toHaveLength(1);
  });
});

describe("a renewal that fails", () => {
  it.each([
    ["token endpoint down", () => (services.token = () => ({ cut: true }))],
    ["token endpoint refusing", () => (services.token = () => ({ status: 400, body: { error: "invalid_client" } }))],
    ["API down", () => (services.vending = () => ({ status: 503, body: { error: "temporarily_unavailable" } }))],
    ["API answering garbage", () => (services.vending = () => ({ body: "<html>" }))],
    ["API with empty credentials", () => (services.vending = () => ({ body: { credentials: {} } }))],
  ])("%s: the old credentials are given as long as they work, and it is told", async (_, fault) => {
    const first = await get();
    fault();
    pass(3400);
    expect(await get()).toEqual(first);
    expect(messages).toEqual([expect.stringMatching(/could not be renewed and expire in (199|200) s: /)]);
    const stale: Error[] = [];
    expect(await get({ onStale: (error) => stale.push(error) })).toEqual(first);
    expect([stale.length, messages.length]).toEqual([1, 1]);
    pass(195);
    await expect(get()).rejects.toThrow();
  });

  it("is not repeated at every call while the old credentials work", async () => {
    await get();
    services.vending = () => ({ status: 503, body: { error: "temporarily_unavailable" } });
    pass(3400);
    await get();
    const after = counts();
    await get();
    await get();
    expect(counts()).toEqual(after);
    pass(31);
    await get();
    expect(counts()).not.toEqual(after);
  });

  it("is tried again within one call where the fault may pass", async () => {
    let failures = 2;
    services.token = () => (failures-- > 0 ? { status: 500, body: "oops" } : {});
    await get();
    expect(counts()).toEqual([3, 1]);
  });

  it("is not tried again where it would change nothing", async () => {
    services.token = () => ({ status: 400, body: { error: "invalid_client" } });
    await expect(get()).rejects.toThrow(RefusedError);
    expect(counts()).toEqual([1, 0]);
  });

  it("a short Retry-After is waited for", async () => {
    services.vending = () => {
      services.vending = undefined;
      return { status: 429, headers: { "retry-after": "1" }, body: { error: "throttled" } };
    };
    await get();
    expect(waits).toEqual([expect.any(Number)]);
    expect(waits[0]).toBeGreaterThanOrEqual(1000);
    expect(counts()).toEqual([1, 2]);
  });

  it("a long Retry-After is handed on, and respected by those who come next", async () => {
    services.vending = () => ({ status: 429, headers: { "retry-after": "40" }, body: { error: "throttled" } });
    await expect(get()).rejects.toMatchObject({ retryAfterSeconds: 40, exitCode: 5 });
    expect(counts()).toEqual([1, 1]);
    const again = await get().catch((error: unknown) => error);
    expect(again).toBeInstanceOf(UnavailableError);
    expect(again).toMatchObject({ code: "throttled", retryAfterSeconds: 40, service: "vending API", status: 429 });
    expect(counts()).toEqual([1, 1]);
    services.vending = undefined;
    pass(41);
    await get();
  });

  it("callers at the same time share one failure", async () => {
    services.token = () => ({ status: 400, body: { error: "invalid_client" }, delayMs: 20 });
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => get()));
    expect(results.map((result) => result.status === "rejected" && (result.reason as RefusedError).code)).toEqual(
      Array(10).fill("invalid_client"),
    );
    expect(counts()).toEqual([1, 0]);
  });

  it("nobody listens: unreachable, with the address", async () => {
    const env = services.environment;
    await services.stop();
    const error = await getCredentials(
      loadSettings({ env: { ...env, XDG_CACHE_HOME: home }, defaultConfigFile: "/nowhere" }),
    ).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(UnreachableError);
    expect(error).toMatchObject({ fault: "refused", exitCode: 5 });
    services = await new FakeServices().start();
  });
});

describe("a wrong clock", () => {
  it("behind: credentials do not count for longer than they live", async () => {
    services.clockOffsetMs = 1_200_000;
    services.lifeSeconds = 1800;
    const first = await get();
    expect(messages).toEqual([expect.stringMatching(/clock is (1199|1200|1201) s behind/)]);
    pass(1400);
    await get();
    pass(1510);
    expect((await get()).accessKeyId).not.toBe(first.accessKeyId);
  });

  it("ahead by more than their life: they are given all the same, and it is told", async () => {
    services.clockOffsetMs = -7_200_000;
    expect((await get()).accessKeyId).toBe("ASIAFAKE0001");
    expect(messages).toEqual([expect.stringMatching(/clock is (7199|7200|7201) s ahead/)]);
  });

  it("set back: a token whose age is not known is not used", async () => {
    await get();
    pass(-5000);
    await get({ durationSeconds: 900 });
    expect(services.tokenRequests.length).toBe(2);
  });
});

it("callers at the same time cause one token request and one vending request", async () => {
  services.token = () => ({ delayMs: 20 });
  const all = await Promise.all(Array.from({ length: 20 }, () => get()));
  expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
  expect(counts()).toEqual([1, 1]);
});

it("the signal ends the wait", async () => {
  services.token = () => ({ delayMs: 5_000 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  const began = performance.now();
  await expect(get({ signal: controller.signal })).rejects.toMatchObject({ exitCode: 130 });
  expect(performance.now() - began).toBeLessThan(1_000);
});

it("the provider has the form of the AWS SDK", async () => {
  const provided = await credentialProvider(settings())();
  expect(Object.keys(provided).sort()).toEqual(["accessKeyId", "expiration", "secretAccessKey", "sessionToken"]);
  expect(provided.expiration).toBeInstanceOf(Date);
});
