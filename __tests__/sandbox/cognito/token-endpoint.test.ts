import { createPublicKey, verify } from "node:crypto";
import type { AppClient } from "../../../sandbox/cognito/app-clients";
import { startTokenEndpoint, type TokenEndpoint } from "../../../sandbox/cognito/token-endpoint";

const ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_pool";
const API = "https://s3-uploader.dev.oidc-s3";
const SERVER: AppClient = {
  clientId: "server",
  secrets: ["s3cret"],
  flows: ["client_credentials"],
  scopes: [`${API}/write`, `${API}/read`],
  accessTokenSeconds: 1200,
};
const CLIENTS: Record<string, AppClient> = {
  server: SERVER,
  browser: { ...SERVER, clientId: "browser", flows: ["code"] },
  public: { ...SERVER, clientId: "public", secrets: [] },
};
const NOW = 1_700_000_000;

let endpoint: TokenEndpoint;
let failure: Error | undefined;
const reported: unknown[] = [];

beforeAll(async () => {
  endpoint = await startTokenEndpoint({
    userPoolId: "eu-west-1_pool",
    issuer: ISSUER,
    findClient: async (id) => {
      if (failure !== undefined) throw failure;
      return CLIENTS[id];
    },
    report: (error) => reported.push(error),
    now: () => NOW * 1000,
  });
});
afterAll(() => endpoint.close());
beforeEach(() => {
  failure = undefined;
});

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;

async function post(form: Record<string, string> | string, headers: Record<string, string> = {}, query = "") {
  const body = typeof form === "string" ? form : new URLSearchParams(form).toString();
  const response = await fetch(`${endpoint.url}${query}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const GRANT = { grant_type: "client_credentials" };
const ASKED = { authorization: basic("server", "s3cret") };

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

describe("a token", () => {
  it("has the claims of Cognito's tokens for machines, and no audience", async () => {
    const { status, headers, body } = await post(GRANT, ASKED);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({ access_token: expect.any(String), expires_in: 1200, token_type: "Bearer" });
    expect(claimsOf(body.access_token)).toEqual({
      sub: "server",
      client_id: "server",
      token_use: "access",
      scope: `${API}/write ${API}/read`,
      iss: ISSUER,
      iat: NOW,
      auth_time: NOW,
      exp: NOW + 1200,
      version: 2,
      jti: expect.any(String),
    });
  });

  it("verifies with the key of the pool's JWKS", async () => {
    const { access_token: token } = (await post(GRANT, ASKED)).body;
    const { keys } = await (await fetch(endpoint.jwksUri)).json();
    const [header, claims, signature] = token.split(".");
    const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString());
    expect({ kid, alg }).toEqual({ kid: keys[0].kid, alg: "RS256" });
    expect(endpoint.jwksUri).toMatch(/\/eu-west-1_pool\/\.well-known\/jwks\.json$/);
    expect(keys[0]).not.toHaveProperty("d");
    const key = createPublicKey({ key: keys[0], format: "jwk" });
    const valid = (text: string) => verify("RSA-SHA256", Buffer.from(text), key, Buffer.from(signature, "base64url"));
    expect(valid(`${header}.${claims}`)).toBe(true);
    expect(valid(`${header}.${claims}x`)).toBe(false);
  });

  it.each([
    ["client_credentials", `${API}/write ${API}/read`],
    [`client_credentials&scope=${encodeURIComponent(`${API}/read`)}`, `${API}/read`],
  ])("is given to parameters in the query string with an empty body: %s", async (grant, scope) => {
    const { status, body } = await post("", ASKED, `?grant_type=${grant}`);
    expect(status).toBe(200);
    expect(claimsOf(body.access_token).scope).toBe(scope);
  });

  it("is given to parameters in the query string with no body at all, as curl sends it", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded", ...ASKED };
    const response = await fetch(`${endpoint.url}?grant_type=client_credentials`, { method: "POST", headers });
    expect(response.status).toBe(200);
  });

  it("is given to a body whose spaces are not encoded, as in curl -d", async () => {
    const { body } = await post(`grant_type=client_credentials&scope=${API}/write ${API}/read`, ASKED);
    expect(claimsOf(body.access_token).scope).toBe(`${API}/write ${API}/read`);
  });

  it("is given to id and secret in the body as well", async () => {
    expect((await post({ ...GRANT, client_id: "server", client_secret: "s3cret" })).status).toBe(200);
  });

  it.each([
    ["only the scope that is asked for", `${API}/read`, `${API}/read`],
    ["a scope once that is asked for twice", `${API}/read ${API}/read`, `${API}/read`],
    ["all scopes for an empty list", "", `${API}/write ${API}/read`],
  ])("has %s", async (_, scope, granted) => {
    const { body } = await post({ ...GRANT, scope }, ASKED);
    expect(claimsOf(body.access_token).scope).toBe(granted);
  });
});

describe("a refusal", () => {
  const cases: [string, Record<string, string> | string, Record<string, string>, string][] = [
    ["a wrong secret", GRANT, { authorization: basic("server", "S3cret") }, "invalid_client"],
    ["a secret that only begins right", GRANT, { authorization: basic("server", "s3cre") }, "invalid_client"],
    ["an empty secret", GRANT, { authorization: basic("server", "") }, "invalid_client"],
    ["an unknown client", GRANT, { authorization: basic("nobody", "s3cret") }, "invalid_client"],
    ["a client without a secret", GRANT, { authorization: basic("public", "") }, "invalid_client"],
    ["no client at all", GRANT, {}, "invalid_client"],
    ["an authorization of another kind", GRANT, { authorization: "Bearer x" }, "invalid_client"],
    ["Basic without a colon", GRANT, { authorization: `Basic ${btoa("server")}` }, "invalid_client"],
    ["Basic that is not base64", GRANT, { authorization: "Basic !!" }, "invalid_client"],
    ["another client in the body", { ...GRANT, client_id: "browser" }, ASKED, "invalid_request"],
    ["no grant type", {}, ASKED, "invalid_request"],
    ["a grant type twice", "grant_type=client_credentials&grant_type=x", ASKED, "invalid_request"],
    [
      "JSON",
      '{"grant_type":"client_credentials"}',
      { ...ASKED, "content-type": "application/json" },
      "invalid_request",
    ],
    ["an unknown grant type", { grant_type: "magic" }, ASKED, "unsupported_grant_type"],
    ["the grant of browsers", { grant_type: "authorization_code", code: "x" }, ASKED, "unauthorized_client"],
    ["a client for browsers", GRANT, { authorization: basic("browser", "s3cret") }, "unauthorized_client"],
    ["a scope beyond the client's", { ...GRANT, scope: `${API}/delete` }, ASKED, "invalid_scope"],
    ["one scope beyond among others", { ...GRANT, scope: `${API}/read ${API}/list` }, ASKED, "invalid_scope"],
    ["a scope without its resource server", { ...GRANT, scope: "read" }, ASKED, "invalid_scope"],
  ];
  it.each(cases)("of %s", async (_, form, headers, code) => {
    const before = endpoint.issued();
    const { status, headers: answered, body } = await post(form, headers);
    expect({ status, error: body.error }).toEqual({ status: 400, error: code });
    expect(answered.get("cache-control")).toBe("no-store");
    expect(endpoint.issued()).toBe(before);
  });

  it.each([
    ["a grant type in the body and in the query", "?grant_type=client_credentials", "invalid_request"],
    ["a scope twice in the query", "?scope=a&scope=b", "invalid_request"],
    // RFC 6749, section 2.3.1: a secret must not be in an address, which proxies and servers log.
    ["a secret in the query", "?client_id=server&client_secret=s3cret", "invalid_request"],
    ["a scope beyond the client's in the query", `?scope=${API}/delete`, "invalid_scope"],
  ])("of %s", async (_, query, code) => {
    const { status, body } = await post(GRANT, ASKED, query);
    expect({ status, error: body.error }).toEqual({ status: 400, error: code });
  });

  it("of a body without end", async () => {
    expect(await post(`grant_type=${"x".repeat(70_000)}`, ASKED)).toMatchObject({ status: 413 });
  });

  it.each([
    ["GET", "/oauth2/token", 405],
    ["POST", "/oauth2/revoke", 404],
    ["GET", "/other_pool/.well-known/jwks.json", 404],
  ])("of %s %s", async (method, path, status) => {
    expect((await fetch(new URL(path, endpoint.url), { method })).status).toBe(status);
  });

  it("when the user pool cannot be asked says nothing of why, and is reported", async () => {
    failure = new Error("the pool is at 10.0.0.1");
    const { status, body } = await post(GRANT, ASKED);
    expect({ status, body }).toEqual({ status: 500, body: { message: "Internal Server Error" } });
    expect(reported).toContain(failure);
  });
});
