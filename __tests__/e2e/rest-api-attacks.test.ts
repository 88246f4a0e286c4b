import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { accessClaims, type Claims, jwks, segment, sign, signHs256, signingKey } from "../lambda/support/tokens";
import { type Sent, sendRaw } from "../sandbox/rest-api/support/raw-request";
import { type CloudConnection, connectToSharedCloud } from "./support/shared-cloud";

const SCOPE = "API/book.get";
const ATTACKER = signingKey("attacker");

let cloud: CloudConnection;
/** The stage's name. */
let stage: string;
/** Every token that is sent, for the last test. */
const sentTokens = new Set<string>();

beforeAll(async () => {
  cloud = await connectToSharedCloud();
  stage = new URL(cloud.api.endpoint).pathname.split("/")[1] ?? "";
});

const claims = (changes: Claims = {}) =>
  accessClaims({ iss: cloud.api.issuer, client_id: cloud.api.clients.reports?.CLIENT_ID, scope: SCOPE, ...changes });

/** A token with any claims, signed by a user pool's own key. */
async function signed(changes: Claims = {}, pool: "api" | "foundation" = "api"): Promise<string> {
  const response = await fetch(`${cloud.api.signer}/${pool}`, {
    method: "POST",
    body: JSON.stringify(claims(changes)),
  });
  return response.text();
}

/** A token that a token endpoint issues. */
async function issued(endpoint: string | undefined, id: string | undefined, secret: string | undefined, scope = "") {
  const authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
  const body = new URLSearchParams({ grant_type: "client_credentials", ...(scope === "" ? {} : { scope }) });
  const response = await fetch(endpoint ?? "", { method: "POST", body, headers: { authorization } });
  return String(((await response.json()) as Record<string, unknown>).access_token);
}

function clientToken(client: string, scope?: string): Promise<string> {
  const { DOMAIN_NAME, CLIENT_ID, CLIENT_SECRET } = cloud.api.clients[client] ?? {};
  return issued(`${DOMAIN_NAME}/oauth2/token`, CLIENT_ID, CLIENT_SECRET, scope);
}

async function send(path: string, sent: Sent = {}) {
  for (const value of [path, ...(sent.headers ?? [])])
    for (const token of value.match(/eyJ[\w.-]+/g) ?? []) sentTokens.add(token);
  const { status, body } = await sendRaw(cloud.api.endpoint, path, sent);
  return { status, body };
}
const getBook = (...values: readonly string[]) =>
  send(`/${stage}/book`, { headers: values.flatMap((value) => ["authorization", value]) });

const SERVED = { status: 200, body: '{"Result":"Success","Description":"your GET for /book is completed"}' };
const UNAUTHORIZED = { status: 401, body: '{"message":"Unauthorized"}' };
const EXPIRED = { status: 401, body: '{"message":"The incoming token has expired"}' };
const NOT_THERE = { status: 403, body: '{"message":"Missing Authentication Token"}' };

describe("the header", () => {
  it.each<[string, (token: string) => string[], object]>([
    ["a bare token", (token) => [token], SERVED],
    ["Bearer", (token) => [`Bearer ${token}`], SERVED],
    ["bearer", (token) => [`bearer ${token}`], SERVED],
    ["BEARER", (token) => [`BEARER ${token}`], SERVED],
    ["bEaReR", (token) => [`bEaReR ${token}`], SERVED],
    ["Bearer with two spaces", (token) => [`Bearer  ${token}`], SERVED],
    ["no header", () => [], UNAUTHORIZED],
    ["an empty header", () => [""], UNAUTHORIZED],
    ["two headers", (token) => [token, token], UNAUTHORIZED],
    ["two headers, the second one bad", (token) => [token, "x"], UNAUTHORIZED],
    ["two tokens in one header", (token) => [`Bearer ${token}, Bearer ${token}`], UNAUTHORIZED],
    ["Bearer twice", (token) => [`Bearer Bearer ${token}`], UNAUTHORIZED],
    ["Bearer alone", () => ["Bearer"], UNAUTHORIZED],
    ["Bearer and a tab", (token) => [`Bearer\t${token}`], UNAUTHORIZED],
    ["Bearer: with a colon", (token) => [`Bearer: ${token}`], UNAUTHORIZED],
    ["another scheme", (token) => [`Basic ${token}`], UNAUTHORIZED],
    ["a token in quotes", (token) => [`Bearer "${token}"`], UNAUTHORIZED],
  ])("%s", async (_, header, answer) => {
    expect(await getBook(...header(await clientToken("reports")))).toEqual(answer);
  });

  it.each(["x-authorization", "proxy-authorization", "x-amzn-remapped-authorization", "cookie"])(
    "a token in %s is none",
    async (name) => {
      const token = await clientToken("reports");
      expect(await send(`/${stage}/book`, { headers: [name, `Bearer ${token}`] })).toEqual(UNAUTHORIZED);
      expect(await send(`/${stage}/book?access_token=${token}&Authorization=${token}`)).toEqual(UNAUTHORIZED);
      expect(await getBook(token)).toEqual(SERVED);
    },
  );
});

describe("the token", () => {
  it.each<[string, (good: string) => string | Promise<string>, object]>([
    ["of the client", (good) => good, SERVED],
    ["signed with the pool's key", () => signed(), SERVED],
    ["alg none without a signature", (good) => `${segment({ alg: "none" })}.${good.split(".")[1]}.`, UNAUTHORIZED],
    ["alg none with the signature kept", (good) => good.replace(/^[^.]+/, segment({ alg: "none" })), UNAUTHORIZED],
    ["without its signature", (good) => good.split(".").slice(0, 2).join("."), UNAUTHORIZED],
    [
      "with another's claims",
      (good) => good.replace(/\.[^.]+\./, `.${segment(claims({ scope: "API/user.get" }))}.`),
      UNAUTHORIZED,
    ],
    ["signed by an attacker", () => sign(ATTACKER, claims()), UNAUTHORIZED],
    [
      "signed by an attacker, with the key in its header",
      () => sign(ATTACKER, claims(), { jwk: jwks(ATTACKER).keys[0] }),
      UNAUTHORIZED,
    ],
    ["signed with HS256 and a public key", () => signHs256(ATTACKER, claims()), UNAUTHORIZED],
    ["padded", (good) => `${good}=`, UNAUTHORIZED],
    ["an ID token", () => signed({ token_use: "id" }), UNAUTHORIZED],
    ["without a use", () => signed({ token_use: undefined }), UNAUTHORIZED],
    ["expired", () => signed({ iat: 1_700_000_000, exp: 1_700_003_600 }), EXPIRED],
    [
      "expired, of another pool",
      () => signed({ iat: 1_700_000_000, exp: 1_700_003_600, iss: "https://example.com" }),
      UNAUTHORIZED,
    ],
    ["without an end", () => signed({ exp: undefined }), UNAUTHORIZED],
    ["of the future", () => signed({ iat: Math.floor(Date.now() / 1000) + 600 }), UNAUTHORIZED],
    ["of no client", () => signed({ client_id: undefined }), UNAUTHORIZED],
    ["with this pool's claims and the foundation's key", () => signed({}, "foundation"), UNAUTHORIZED],
    [
      "of this pool's key and the foundation's issuer",
      async () => signed({ iss: await foundationIssuer() }),
      UNAUTHORIZED,
    ],
  ])("%s", async (_, make, answer) => {
    const good = await clientToken("reports");
    expect(await getBook(await make(good))).toEqual(answer);
    expect(await getBook(good)).toEqual(SERVED);
  });

  it("of a server of the foundation is worth nothing here, as it is there", async () => {
    const token = await serverToken();
    expect(await getBook(token)).toEqual(UNAUTHORIZED);
    const { COGNITO_CREDENTIAL_API_URL = "" } = serverSettings();
    const vend = (accessToken: string) =>
      fetch(COGNITO_CREDENTIAL_API_URL, { method: "POST", body: JSON.stringify({ access_token: accessToken }) });
    expect((await vend(token)).status).toBe(200);
    expect((await vend(await clientToken("reports"))).status).toBe(401);
  });
});

const serverSettings = () => Object.values(cloud.settings)[0] ?? {};
function serverToken(): Promise<string> {
  const { COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET } = serverSettings();
  return issued(COGNITO_TOKEN_ENDPOINT, COGNITO_CLIENT_ID, COGNITO_CLIENT_SECRET);
}
async function foundationIssuer(): Promise<unknown> {
  return JSON.parse(Buffer.from((await serverToken()).split(".")[1] ?? "", "base64url").toString()).iss;
}

describe("the scope claim", () => {
  it.each<[string, unknown, object]>([
    ["the needed one", SCOPE, SERVED],
    ["the needed one among others", `a/b ${SCOPE} API/user.get`, SERVED],
    ["missing", undefined, UNAUTHORIZED],
    ["empty", "", UNAUTHORIZED],
    ["another of the same API", "API/book.post", UNAUTHORIZED],
    ["narrowed to its start", "API/book", UNAUTHORIZED],
    ["without its resource server", "book.get", UNAUTHORIZED],
    ["of another resource server with the same ending", "m2m-client/book.get", UNAUTHORIZED],
    ["with a resource server before it", `other/${SCOPE}`, UNAUTHORIZED],
    ["glued to another", `${SCOPE}API/book.post`, UNAUTHORIZED],
    ["with a comma between", `${SCOPE},API/book.post`, UNAUTHORIZED],
    ["with tabs between", `API/book.post\t${SCOPE}\tAPI/user.get`, UNAUTHORIZED],
    ["with a line break", `${SCOPE}\n`, UNAUTHORIZED],
    ["in other letters", "api/BOOK.get", UNAUTHORIZED],
    ["with a wildcard", "API/*", UNAUTHORIZED],
    ["in an array", [SCOPE], UNAUTHORIZED],
    ["in an object", { [SCOPE]: true }, UNAUTHORIZED],
  ])("%s", async (_, scope, answer) => {
    expect(await getBook(await signed({ scope }))).toEqual(answer);
  });

  it("narrowed at the token endpoint narrows what the client may call", async () => {
    const post = (token: string) => send(`/${stage}/book`, { method: "POST", headers: ["authorization", token] });
    const narrow = await clientToken("reports", SCOPE);
    expect([await getBook(narrow), await post(narrow)]).toEqual([SERVED, UNAUTHORIZED]);
    expect((await post(await clientToken("reports"))).status).toBe(200);
  });

  it("of a client that is granted scopes of another API alone opens nothing", async () => {
    expect(await getBook(await clientToken("m2m_client"))).toEqual(UNAUTHORIZED);
  });
});

describe("the address", () => {
  it.each([
    ["GET", "/STAGE/books"],
    ["GET", "/STAGE/book/"],
    ["GET", "/STAGE/book/x"],
    ["GET", "/STAGE/Book"],
    ["GET", "/STAGE/BOOK"],
    ["GET", "/STAGE/%62ook"],
    ["GET", "/STAGE/boo%6B"],
    ["GET", "/STAGE//book"],
    ["GET", "//STAGE/book"],
    ["GET", "/STAGE/./book"],
    ["GET", "/STAGE/book/."],
    ["GET", "/STAGE/book/.."],
    ["GET", "/STAGE/user/../book"],
    ["GET", "/STAGE/%2e%2e/STAGE/book"],
    ["GET", "/STAGE%2fbook"],
    ["GET", "/STAGE/%2fbook"],
    ["GET", "/STAGE/book%2f"],
    ["GET", "/STAGE\\book"],
    ["GET", "/STAGE/book;x"],
    ["GET", "/STAGE/book;x=1?a=b"],
    ["GET", "/STAGE/book%00"],
    ["GET", "/STAGE/book%20"],
    ["GET", "/STAGE/book#x"],
    ["GET", "/STAGE"],
    ["GET", "/STAGE/"],
    ["GET", "/book"],
    ["GET", "/"],
    ["GET", "/prod/book"],
    ["GET", "/STAGE2/book"],
    ["GET", "/$default/book"],
    ["GET", "/test-invoke-stage/book"],
    ["GET", "http://127.0.0.1/STAGE/book"],
    ["HEAD", "/STAGE/book"],
    ["OPTIONS", "/STAGE/book"],
    ["OPTIONS", "*"],
    ["PUT", "/STAGE/book"],
    ["DELETE", "/STAGE/book"],
    ["PATCH", "/STAGE/book"],
    ["TRACE", "/STAGE/book"],
  ])("%s %s is not there, whatever the token", async (method, path) => {
    const target = path.replaceAll("STAGE", stage);
    const notThere = method === "HEAD" ? { ...NOT_THERE, body: "" } : NOT_THERE;
    expect(await send(target, { method })).toEqual(notThere);
    const headers = ["authorization", await signed({ scope: "API/book.get API/book.post API/user.get API/user.post" })];
    expect(await send(target, { method, headers })).toEqual(notThere);
    expect(await send(`/${stage}/book`, { headers })).toEqual(SERVED);
  });

  it("a query string changes nothing, whatever is in it", async () => {
    const headers = ["authorization", await clientToken("reports")];
    for (const query of ["?", "?x", "?x=%2f..%2f", "?scope=API/user.get"]) {
      expect(await send(`/${stage}/book${query}`, { headers })).toEqual(SERVED);
      expect(await send(`/${stage}/user${query}`, { headers })).toEqual(UNAUTHORIZED);
    }
  });

  it.each(["x-http-method-override", "x-http-method", "x-method-override"])("%s is not heeded", async (name) => {
    const headers = ["authorization", await signed({ scope: SCOPE }), name, "GET"];
    expect(await send(`/${stage}/book`, { method: "POST", headers })).toEqual(UNAUTHORIZED);
  });

  it.each(["x-original-url", "x-rewrite-url", "x-forwarded-path"])("%s is not heeded", async (name) => {
    const headers = ["authorization", await signed({ scope: SCOPE }), name, `/${stage}/user`];
    expect(await send(`/${stage}/book`, { headers })).toEqual(SERVED);
  });
});

it("no log of the cloud has a token, nor the functions' anything of one", async () => {
  const good = await clientToken("reports");
  expect(await getBook(good)).toEqual(SERVED);
  expect(sentTokens.size).toBeGreaterThan(50);
  const logs = readdirSync(cloud.folder).filter((name) => name.endsWith(".log"));
  expect(logs).toEqual(expect.arrayContaining([expect.stringMatching(/^rest-api-/), "emulator.log"]));
  for (const name of logs) {
    const text = readFileSync(join(cloud.folder, name), "utf8");
    const found = [...sentTokens].filter(
      (token) => text.includes(token) || text.includes(token.split(".")[2] || token),
    );
    expect({ name, found }).toEqual({ name, found: [] });
  }
  const functions = logs.filter((name) => name.startsWith("rest-api-"));
  const logged = functions.map((name) => readFileSync(join(cloud.folder, name), "utf8")).join("");
  expect(logged).toContain('"path":"/book"');
  expect(logged).not.toMatch(/eyJ|authorization|bearer/i);
});
