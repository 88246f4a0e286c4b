import { createHash, randomBytes } from "node:crypto";
import { startTokenEndpoint, type TokenEndpoint } from "../../../sandbox/cognito/token-endpoint";
import { peopleAtDomain } from "../../../sandbox/identity/pages/people-at-domain";
import type { People } from "../../../sandbox/identity/people";
import { totpCode } from "../../../sandbox/identity/totp";
import {
  administer,
  CLI,
  claimsOf,
  createPeople,
  FakeDirectory,
  PASSWORD,
  POOL,
  POOL_ID,
  START,
} from "./support/fake-directory";

const CALLBACK = "http://localhost:8910/callback";
const VERIFIER = randomBytes(32).toString("base64url");
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const REQUEST = {
  response_type: "code",
  client_id: "cli",
  redirect_uri: CALLBACK,
  scope: "openid email",
  state: "a state & more",
  nonce: "n-1",
  code_challenge: CHALLENGE,
  code_challenge_method: "S256",
};

let clock: { now: number };
let directory: FakeDirectory;
let people: People;
let keys: People["keys"] | undefined;
let domain: TokenEndpoint;
let base: string;

beforeEach(async () => {
  clock = { now: START };
  directory = new FakeDirectory();
  people = await createPeople(directory, clock, keys);
  keys = people.keys;
  const issuer = `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`;
  const key = people.keys.of(issuer);
  domain = await startTokenEndpoint({
    userPoolId: POOL_ID,
    issuer,
    key,
    people: peopleAtDomain(people, POOL_ID),
    findClient: async (id) => {
      const client = directory.clients.get(id);
      if (client === undefined) return undefined;
      const secrets = client.secret === undefined ? [] : [client.secret];
      return { ...client, secrets, flows: client.oauthFlows, scopes: client.oauthScopes };
    },
  });
  base = new URL(domain.url).origin;
});
afterEach(() => domain.close());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${base}${path}`, { redirect: "manual", headers });
const pathWith = (change: Record<string, string> = {}, path = "/oauth2/authorize") =>
  `${path}?${new URLSearchParams({ ...REQUEST, ...change })}`;
const hiddenIn = (page: string) =>
  Object.fromEntries(
    [...page.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
  );

/** A browser that has the login page open. */
async function open(change: Record<string, string> = {}) {
  const authorize = await get(pathWith(change));
  expect(authorize.status).toBe(302);
  const path = authorize.headers.get("location") ?? "";
  const page = await get(path);
  const cookie = page.headers.get("set-cookie")?.split(";")[0] ?? "";
  let hidden: Record<string, string> = hiddenIn(await page.text());
  return {
    page,
    async submit(typed: Record<string, string>, headers: Record<string, string> = { cookie }) {
      const body = new URLSearchParams({ ...hidden, ...typed });
      const answer = await fetch(`${base}${path}`, { method: "POST", body, headers, redirect: "manual" });
      const text = await answer.text();
      hidden = { ...hiddenIn(text) };
      return { status: answer.status, text, hidden, location: answer.headers.get("location") ?? "" };
    },
  };
}

const ANN = { username: "ann@example.org", password: PASSWORD };
async function code(change: Record<string, string> = {}) {
  const { location } = await (await open(change)).submit(ANN);
  return new URL(location).searchParams.get("code") ?? "";
}

async function post(path: string, form: Record<string, string>) {
  const answer = await fetch(`${base}${path}`, { method: "POST", body: new URLSearchParams(form) });
  return { status: answer.status, body: await answer.json() };
}
const redeem = (form: Record<string, string>) =>
  post("/oauth2/token", {
    ...{ grant_type: "authorization_code", client_id: "cli", redirect_uri: CALLBACK, code_verifier: VERIFIER },
    ...form,
  });

describe("the browser", () => {
  it("comes back to the app with a code and its state, and the code becomes tokens", async () => {
    const { location } = await (await open()).submit(ANN);
    const back = new URL(location);
    expect(`${back.origin}${back.pathname}`).toBe(CALLBACK);
    expect(back.searchParams.get("state")).toBe(REQUEST.state);
    const { status, body } = await redeem({ code: back.searchParams.get("code") ?? "" });
    expect(status).toBe(200);
    expect(body).toEqual({
      id_token: expect.any(String),
      access_token: expect.any(String),
      refresh_token: expect.any(String),
      expires_in: 3600,
      token_type: "Bearer",
    });
    expect(claimsOf(body.id_token)).toMatchObject({ aud: "cli", nonce: "n-1", email: "ann@example.org" });
    expect(claimsOf(body.access_token)).toMatchObject({ client_id: "cli", scope: "openid email", version: 2 });
    const info = await get("/oauth2/userInfo", { authorization: `Bearer ${body.access_token}` });
    expect(await info.json()).toMatchObject({ sub: "ann-sub", email: "ann@example.org" });
  });
  it("is shown a page that needs no script, is loaded into no frame and is kept by nobody", async () => {
    const { page } = await open();
    expect(page.headers.get("content-security-policy")).toBe(
      "default-src 'none'; style-src 'self'; form-action 'self' http://localhost:8910; frame-ancestors 'none'; base-uri 'none'",
    );
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(page.headers.get("set-cookie")).toMatch(/; HttpOnly; SameSite=Strict$/);
  });
  it("types a mistake, and is told so in words that give nothing away", async () => {
    for (const username of ["ann@example.org", "nobody@example.org"]) {
      const { status, text } = await (await open()).submit({ username, password: "Wrong-horse-7" });
      expect(status).toBe(400);
      expect(text).toContain('<p role="alert">Incorrect username or password.</p>');
    }
  });
  it("must have been shown the form: a form of another site is refused", async () => {
    const shown = await open();
    expect((await shown.submit(ANN, {})).status).toBe(400);
    const other = await open();
    expect((await other.submit({ ...ANN, csrf: "forged" })).status).toBe(400);
    expect((await (await open()).submit(ANN)).status).toBe(302);
  });
  it("chooses a password after an invitation", async () => {
    await administer(people, directory, "AdminSetUserPassword", {
      Username: "ann-id",
      Password: PASSWORD,
      Permanent: false,
    });
    const browser = await open();
    expect((await browser.submit(ANN)).text).toContain("Choose a password");
    const weak = await browser.submit({ new_password: "weak" });
    expect(weak.text).toContain("Password not long enough");
    expect((await browser.submit({ new_password: "Another-horse-8" })).location).toContain("code=");
  });
  it("sets up an authenticator app where one is required, and is asked for its code from then on", async () => {
    directory.userPool = { ...POOL, mfa: "ON", factors: ["SOFTWARE_TOKEN_MFA"] };
    const browser = await open();
    const { secret = "" } = (await browser.submit(ANN)).hidden;
    expect((await browser.submit({ code: "000000" })).text).toContain("Invalid code");
    expect((await browser.submit({ code: totpCode(secret, clock.now) })).location).toContain("code=");
    clock.now += 30_000;
    const again = await open();
    expect((await again.submit(ANN)).text).toContain("Code of your authenticator app");
    expect((await again.submit({ code: "000000" })).status).toBe(400);
    expect((await again.submit({ code: totpCode(secret, clock.now) })).location).toContain("code=");
  });
});

describe("an authorization request", () => {
  it.each<[string, Record<string, string>]>([
    ["an unknown client", { client_id: "nobody" }],
    ["an address that only begins right", { redirect_uri: `${CALLBACK}/x` }],
    ["an address with a query", { redirect_uri: `${CALLBACK}?x` }],
    ["another port", { redirect_uri: "http://localhost:8911/callback" }],
    ["another host", { redirect_uri: "http://127.0.0.1:8910/callback" }],
    ["no address", { redirect_uri: "" }],
  ])("with %s is shown to the person, and sent nowhere", async (_, change) => {
    for (const path of ["/oauth2/authorize", "/login"]) {
      const { status, headers } = await get(pathWith(change, path));
      expect([status, headers.get("location")]).toEqual([400, null]);
    }
  });
  it.each<[string, Record<string, string>]>([
    ["unsupported_response_type", { response_type: "token" }],
    ["invalid_scope", { scope: "openid admin" }],
    ["invalid_request", { code_challenge_method: "plain" }],
    ["invalid_request", { code_challenge: "short" }],
  ])("is answered to the app with %s and its state", async (error, change) => {
    const location = new URL((await get(pathWith(change))).headers.get("location") ?? "");
    expect(location.searchParams.get("error")).toBe(error);
    expect(location.searchParams.get("state")).toBe(REQUEST.state);
  });
  it("of a client without this flow is refused", async () => {
    directory.clients.set("cli", { ...CLI, oauthFlows: [] });
    expect((await get(pathWith())).headers.get("location")).toContain("error=unauthorized_client");
  });
});

describe("a code", () => {
  const refused = { status: 400, body: { error: "invalid_grant" } };
  it.each<[string, Record<string, string>]>([
    ["another verifier", { code_verifier: randomBytes(32).toString("base64url") }],
    ["the challenge itself", { code_verifier: CHALLENGE }],
    ["an empty verifier", { code_verifier: "" }],
    ["another address", { redirect_uri: "http://localhost:8910/other" }],
    ["another client", { client_id: "other" }],
  ])("is worth nothing with %s, and nothing afterwards", async (_, change) => {
    const given = await code();
    expect(await redeem({ code: given, ...change })).toMatchObject(refused);
    expect(await redeem({ code: given })).toMatchObject(refused);
  });
  it("works once, and for five minutes", async () => {
    const given = await code();
    expect((await redeem({ code: given })).status).toBe(200);
    expect(await redeem({ code: given })).toMatchObject(refused);
    const [early, late] = [await code(), await code()];
    clock.now += 5 * 60_000 - 1;
    expect((await redeem({ code: early })).status).toBe(200);
    clock.now += 1;
    expect(await redeem({ code: late })).toMatchObject(refused);
  });
  it("of somebody who was disabled meanwhile is worth nothing", async () => {
    const given = await code();
    directory.named("ann-id").enabled = false;
    expect(await redeem({ code: given })).toMatchObject(refused);
  });
  it("of a client with a secret needs the secret", async () => {
    const change = { client_id: "secret" };
    expect((await redeem({ code: await code(change), ...change })).body.error).toBe("invalid_client");
    const withSecret = { ...change, client_secret: "s3cret" };
    expect((await redeem({ code: await code(change), ...withSecret })).status).toBe(200);
  });
});

describe("a refresh token of the browser's", () => {
  const renew = (refresh_token: string) =>
    post("/oauth2/token", { grant_type: "refresh_token", client_id: "cli", refresh_token });
  it("rotates, and can be revoked by its client alone", async () => {
    const { refresh_token: first } = (await redeem({ code: await code() })).body;
    const { body } = await renew(first);
    expect(claimsOf(body.access_token).scope).toBe("openid email");
    clock.now += 10_000;
    expect(await renew(first)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    const revoke = (client_id: string) => post("/oauth2/revoke", { token: body.refresh_token, client_id });
    expect((await revoke("other")).status).toBe(400);
    expect((await renew(body.refresh_token)).status).toBe(200);
    expect((await revoke("cli")).status).toBe(200);
    expect((await renew(body.refresh_token)).status).toBe(400);
    const info = await get("/oauth2/userInfo", { authorization: `Bearer ${body.access_token}` });
    expect(info.status).toBe(401);
  });
  it("is nothing for machines: a public client has no client credentials grant", async () => {
    const { body } = await post("/oauth2/token", { grant_type: "client_credentials", client_id: "cli" });
    expect(body.error).toBe("invalid_client");
  });
});

it("signing out leads back to one of the client's addresses, and to no other", async () => {
  const logout = (logout_uri: string) => get(`/logout?${new URLSearchParams({ client_id: "cli", logout_uri })}`);
  expect((await logout("http://localhost:8910/")).headers.get("location")).toBe("http://localhost:8910/");
  expect((await logout("http://localhost:8910/x")).status).toBe(400);
});
