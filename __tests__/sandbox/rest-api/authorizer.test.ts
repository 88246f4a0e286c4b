import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { GatewayError } from "../../../sandbox/rest-api/answers";
import { CognitoAuthorizer } from "../../../sandbox/rest-api/authorizer";
import { accessClaims, jwks, POOL_ID, sign, signingKey } from "../../lambda/support/tokens";
import { POOL_ARN } from "./support/deployed";

const KEY = signingKey("pool-key");
const OTHER_KEY = signingKey("other-key");
const OTHER_POOL = "eu-west-1_OtherPool";
const OTHER_ARN = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${OTHER_POOL}`;
const OTHER_ISSUER = `https://cognito-idp.eu-west-1.amazonaws.com/${OTHER_POOL}`;

let server: Server;
let fetches: string[];
let authorizer: CognitoAuthorizer;
beforeAll(async () => {
  server = createServer(({ url }, response) => {
    fetches.push(url ?? "");
    response.end(JSON.stringify(url === `/${POOL_ID}` ? jwks(KEY) : jwks(OTHER_KEY)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  fetches = [];
  const { port } = server.address() as AddressInfo;
  const known = [POOL_ID, OTHER_POOL];
  authorizer = new CognitoAuthorizer((id) => (known.includes(id) ? `http://127.0.0.1:${port}/${id}` : undefined));
});

const token = (scope: unknown, changes = {}) => sign(KEY, accessClaims({ scope, ...changes }));
async function outcome(values: readonly string[], scopes = ["API/book.get"], userPoolArns = [POOL_ARN]) {
  try {
    return (await authorizer.authorise(values, { kind: "scopes", header: "Authorization", userPoolArns, scopes }))
      .scope;
  } catch (error) {
    return (error as GatewayError).answer;
  }
}

it("lets a token in that has one of the method's scopes, and gives its claims", async () => {
  const scope = "API/book.post API/book.get";
  expect(await outcome([token(scope)])).toBe(scope);
  expect(await outcome([token(scope)], ["API/other", "API/book.post"])).toBe(scope);
});

it.each([
  ["by itself", (jwt: string) => jwt],
  ["as a bearer token", (jwt: string) => `Bearer ${jwt}`],
  ["in lower case", (jwt: string) => `bearer ${jwt}`],
  ["in odd cases", (jwt: string) => `bEARER ${jwt}`],
  ["with two spaces, which RFC 6750 allows", (jwt: string) => `Bearer  ${jwt}`],
])("takes the token %s", async (_, header) => {
  expect(await outcome([header(token("API/book.get"))])).toBe("API/book.get");
});

it.each([
  ["no header", () => []],
  ["an empty header", () => [""]],
  ["two headers with the same token", (jwt: string) => [jwt, jwt]],
  ["Bearer twice", (jwt: string) => [`Bearer Bearer ${jwt}`]],
  ["Bearer alone", () => ["Bearer"]],
  ["a tab after Bearer", (jwt: string) => [`Bearer\t${jwt}`]],
  ["another scheme", (jwt: string) => [`Basic ${jwt}`]],
  ["two tokens in one header", (jwt: string) => [`${jwt}, ${jwt}`]],
  ["the scheme glued on", (jwt: string) => [`Bearer${jwt}`]],
  ["something after the token", (jwt: string) => [`Bearer ${jwt} x`]],
])("refuses %s", async (_, header) => {
  expect(await outcome(header(token("API/book.get")))).toBe("unauthorized");
});

it.each([
  ["missing", undefined],
  ["empty", ""],
  ["another", "API/book.post"],
  ["narrowed", "API/book"],
  ["of another resource server with the same ending", "OTHER-API/book.get"],
  ["without its resource server", "book.get"],
  ["glued to another", "API/book.getAPI/book.post"],
  ["with a comma between", "API/book.get,API/book.post"],
  ["with a tab between", "API/book.get\tAPI/book.post"],
  ["with a line break between", "API/book.get\nAPI/book.post"],
  ["in other letters", "api/book.get"],
  ["with a longer ending", "API/book.getter"],
])("refuses a scope that is %s", async (_, scope) => {
  expect(await outcome([token(scope)])).toBe("scopeMissing");
});

it.each([
  ["in an array", ["API/book.get"]],
  ["in an object", { "API/book.get": true }],
])("refuses scopes %s as a malformed token", async (_, scope) => {
  expect(await outcome([token(scope)])).toBe("unauthorized");
});

it("says that a token has expired, and nothing else of any other", async () => {
  const past = { iat: 1000, exp: 2000 };
  expect(await outcome([token("API/book.get", past)])).toBe("expired");
  expect(await outcome([token("API/book.get", { ...past, iss: OTHER_ISSUER })])).toBe("unauthorized");
});

it.each([
  ["an ID token", token("API/book.get", { token_use: "id" })],
  ["another pool's token", sign(OTHER_KEY, accessClaims({ scope: "API/book.get", iss: OTHER_ISSUER }))],
  ["another pool's key", sign(OTHER_KEY, accessClaims({ scope: "API/book.get" }))],
  ["an unsigned token", `${token("API/book.get").split(".").slice(0, 2).join(".")}.`],
  ["words", "let me in"],
])("refuses %s", async (_, jwt) => {
  expect(await outcome([jwt])).toBe("unauthorized");
});

describe("with several user pools", () => {
  const both = [POOL_ARN, OTHER_ARN];
  const other = (changes = {}) =>
    sign(OTHER_KEY, accessClaims({ scope: "API/book.get", iss: OTHER_ISSUER, ...changes }));

  it("takes the tokens of each, by its own keys", async () => {
    expect([
      await outcome([token("API/book.get")], undefined, both),
      await outcome([other()], undefined, both),
    ]).toEqual(["API/book.get", "API/book.get"]);
    expect(fetches.sort()).toEqual([`/${OTHER_POOL}`, `/${POOL_ID}`]);
  });

  it.each([
    [
      "a token of one that is signed by the other",
      () => sign(KEY, accessClaims({ scope: "API/book.get", iss: OTHER_ISSUER })),
    ],
    ["a token of a third", () => other({ iss: `${OTHER_ISSUER}x` })],
    ["no token at all", () => "a.b.c"],
  ])("refuses %s", async (_, jwt) => {
    expect(await outcome([jwt()], undefined, both)).toBe("unauthorized");
  });
});

it("fetches a pool's keys once", async () => {
  for (let round = 0; round < 3; round++) await outcome([token("API/book.get")]);
  expect(fetches).toHaveLength(1);
});

it("refuses the tokens of a pool that nobody has keys of, and asks nobody", async () => {
  expect(await outcome([token("API/book.get")], undefined, [`${POOL_ARN}x`])).toBe("unauthorized");
  expect(fetches).toEqual([]);
});

it("does not call a token bad whose keys cannot be had", async () => {
  authorizer = new CognitoAuthorizer(() => "http://127.0.0.1:1/jwks.json");
  expect(await outcome([token("API/book.get")])).toBe("gatewayFault");
});
