import { RefusedError, UnavailableError } from "../../../client/core/errors";
import type { AccessToken } from "../../../client/credentials/access-token";
import { requestToken } from "../../../client/credentials/token";
import { vendCredentials } from "../../../client/credentials/vending";
import { retryAfterSeconds } from "../../../client/network/service-answer";
import { loadSettings, type Settings } from "../../../client/settings/settings";
import { secretFingerprint } from "../../../terminal/secret-fingerprint";
import { FakeServices } from "../support/fake-services";

let services: FakeServices;
let settings: Settings;
let token: AccessToken;

beforeEach(async () => {
  services = await new FakeServices().start();
  settings = loadSettings({ env: services.environment, defaultConfigFile: "/nowhere" });
  token = await requestToken(settings);
  services.tokenRequests.length = 0;
});
afterEach(() => services.stop());

const ofServer = (scope: string) => `${settings.resourceServer}/${scope}`;

async function errorOf<E>(kind: new (...args: never[]) => E, work: Promise<unknown>): Promise<E> {
  const error = await work.then(
    () => new Error("it was not refused"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(kind);
  // Neither the secret nor a token is in any error, whatever form it is shown in.
  const { message, stack } = error as Error;
  for (const text of [message, stack, JSON.stringify(error)])
    expect(text).not.toMatch(/s3cret-of-the-client|header\.\d+\.signature/);
  return error as E;
}

describe("the token endpoint", () => {
  it("gets id and secret by Basic auth, and the scopes with the resource server's identifier", async () => {
    await requestToken(settings, ["write", "read"].map(ofServer));
    const [request] = services.tokenRequests;
    expect(request?.headers.authorization).toBe(
      `Basic ${Buffer.from("1abc2defg3hij4klmno5pqrs6:s3cret-of-the-client").toString("base64")}`,
    );
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: "client_credentials",
      scope: "https://s3-uploader.dev.oidc-s3/write https://s3-uploader.dev.oidc-s3/read",
    });
  });

  it("is asked for no scope where none is wanted: the client then gets all that it has", async () => {
    await requestToken(settings);
    expect(services.tokenRequests[0]?.body).toBe("grant_type=client_credentials");
  });

  it.each([
    [400, "invalid_client", /refused the client id and secret/, /environment variable COGNITO_CLIENT_SECRET/],
    [401, "invalid_client", /refused the client id and secret/, /rotation/],
    [400, "invalid_scope", /refused the scopes write/, /onboarded/],
    [400, "unauthorized_client", /unauthorized_client/, /client credentials grant/],
  ])("%i %s is a refusal", async (status, error, message, remedy) => {
    services.token = () => ({ status, body: { error } });
    const refused = await errorOf(RefusedError, requestToken(settings, [ofServer("write")]));
    expect(refused).toMatchObject({ code: error, status, service: "token endpoint", exitCode: 4 });
    expect(refused.message).toMatch(message);
    expect(refused.remedy).toMatch(remedy);
  });

  it.each([
    [429, {}, "throttled"],
    [500, "oops", "temporarily_unavailable"],
    [503, { error: "x" }, "temporarily_unavailable"],
    [200, "<html>sign in to the hotel</html>", "unexpected_answer"],
    [200, {}, "unexpected_answer"],
    [200, { access_token: "", expires_in: 3600 }, "unexpected_answer"],
    [200, { access_token: "a", expires_in: "soon" }, "unexpected_answer"],
    [200, "null", "unexpected_answer"],
    [302, "", "unexpected_answer"],
    [404, "<html>", "unexpected_answer"],
  ])("%i %j is %s", async (status, body, code) => {
    services.token = () => ({ status, body, headers: { "retry-after": "7" } });
    const error = await errorOf(UnavailableError, requestToken(settings));
    expect(error).toMatchObject({ code, status, exitCode: 5, retryAfterSeconds: 7 });
  });
});

it.each([
  ["as it is", "s3cret-of-the-client"],
  ["in a sentence, with what drives a terminal", "no client s3cret-of-the-client\u001b[2J"],
  ["as Basic auth", Buffer.from("1abc2defg3hij4klmno5pqrs6:s3cret-of-the-client").toString("base64")],
])("a secret that the token endpoint echoes is not shown: %s", async (_, error) => {
  services.token = () => ({ status: 400, body: { error } });
  const refused = await errorOf(RefusedError, requestToken(settings));
  expect(refused.message).toContain("[redacted]");
  for (const text of [refused.message, refused.code, refused.stack]) expect(text).not.toContain(error);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be there
  expect(refused.message + refused.code).not.toMatch(/[\u0000-\u001f]/);
});

describe("the vending API", () => {
  it.each([
    ["have expired", () => services.vendedBody(-1), /the credentials have expired/],
    ["would live for years", () => services.vendedBody(400 * 86_400), /would live longer than any of AWS/],
  ])("credentials that %s are no answer of its own", async (_, body, message) => {
    for (const offset of [0, -86_400_000, 86_400_000]) {
      // By the API's clock: this machine's may be wrong.
      services.clockOffsetMs = offset;
      services.vending = () => ({ body: body() });
      const error = await errorOf(UnavailableError, vendCredentials(settings, token));
      expect(error).toMatchObject({ code: "unexpected_answer", message: expect.stringMatching(message) });
    }
  });

  it("gets the token in the body, and the duration where one is wanted", async () => {
    const vended = await vendCredentials(settings, token, { durationSeconds: 900 });
    expect(JSON.parse(services.vendingRequests[0]?.body ?? "")).toEqual({
      access_token: token.value.reveal(),
      secret_fingerprint: await secretFingerprint(settings.clientSecret.reveal()),
      duration_seconds: 900,
    });
    expect(vended).toMatchObject({
      accessKeyId: "ASIAFAKE0001",
      bucket: "uploads",
      prefix: "logs/",
      region: "eu-west-1",
    });
    await vendCredentials(settings, token);
    expect(JSON.parse(services.vendingRequests[1]?.body ?? "")).not.toHaveProperty("duration_seconds");
  });

  it.each([
    [401, "invalid_token", RefusedError, 4],
    [403, "insufficient_scope", RefusedError, 4],
    [403, "unknown_client", RefusedError, 4],
    [400, "invalid_request", RefusedError, 4],
    [429, "throttled", UnavailableError, 5],
    [500, "internal_error", UnavailableError, 5],
    [503, "temporarily_unavailable", UnavailableError, 5],
  ])("%i %s", async (status, code, kind, exitCode) => {
    services.vending = () => ({
      status,
      body: { error: code, error_description: "A sentence.", request_id: "r-1" },
      headers: { "retry-after": "3" },
    });
    const error = await errorOf<RefusedError | UnavailableError>(kind, vendCredentials(settings, token));
    expect(error).toMatchObject({
      code,
      status,
      exitCode,
      requestId: "r-1",
      retryAfterSeconds: 3,
      service: "vending API",
    });
    expect(error.message).toContain("(request r-1)");
    expect(error.remedy).toBeTruthy();
  });

  it("API Gateway's own answer to a wrong path is a refusal: trying again cannot help", async () => {
    services.vending = () => ({ status: 404, body: { message: "Not Found" } });
    const refused = await errorOf(RefusedError, vendCredentials(settings, token));
    expect(refused).toMatchObject({ code: "not_found", exitCode: 4, status: 404 });
    expect(refused.remedy).toMatch(/COGNITO_CREDENTIAL_API_URL/);
  });

  it.each([
    ["a proxy's page", 404, "<html>"],
    ["a sign-in page", 200, "<html>"],
    ["a redirect", 301, ""],
  ])("%s is distinguished from a refusal", async (_, status, body) => {
    services.vending = () => ({ status, body });
    expect((await errorOf(UnavailableError, vendCredentials(settings, token))).code).toBe("unexpected_answer");
  });

  it.each(["access_key_id", "secret_access_key", "session_token", "expiration"])(
    "credentials without %s are none",
    async (name) => {
      for (const value of [undefined, "", 7, null]) {
        const body = services.vendedBody();
        services.vending = () => ({ body: { ...body, credentials: { ...body.credentials, [name]: value } } });
        expect((await errorOf(UnavailableError, vendCredentials(settings, token))).code).toBe("unexpected_answer");
      }
    },
  );

  it.each(["s3_bucket", "s3_path_prefix", "aws_region"])("nor are those without %s", async (name) => {
    services.vending = () => ({ body: { ...services.vendedBody(), [name]: undefined } });
    await errorOf(UnavailableError, vendCredentials(settings, token));
  });

  it("a line break in a value, which would be a line of its own in a file, is refused", async () => {
    const body = services.vendedBody();
    services.vending = () => ({
      body: { ...body, credentials: { ...body.credentials, session_token: "a\ncredential_process = x" } },
    });
    await errorOf(UnavailableError, vendCredentials(settings, token));
  });

  it.each([
    ["secret_access_key", "$(touch /tmp/owned)"],
    ["secret_access_key", "a b"],
    ["session_token", "a`id`"],
    ["access_key_id", "ASIA;id"],
    ["expiration", "2026"],
    ["expiration", "Sat, 21 Nov 2026 10:00:30 GMT"],
    ["aws_region", "eu-west-1\nPATH=/tmp"],
    ["aws_region", "$(id)"],
    ["s3_bucket", "uploads;id"],
    ["s3_bucket", "\u001b[2Juploads"],
    ["s3_path_prefix", "logs/\u0007/"],
    ["s3_path_prefix", "$(id)/"],
  ])("a value that has not the form of one is refused where it enters: %s %j", async (name, value) => {
    const { credentials, ...place } = services.vendedBody();
    services.vending = () => ({
      body:
        name in place
          ? { credentials, ...place, [name]: value }
          : { ...place, credentials: { ...credentials, [name]: value } },
    });
    const error = await errorOf(UnavailableError, vendCredentials(settings, token));
    expect(error.code).toBe("unexpected_answer");
    const word = { s3_path_prefix: "prefix" }[name] ?? name.replace(/^(?:aws|s3)_/, "").replaceAll("_", " ");
    expect(error.message).toContain(word);
    // Keys are secrets, and nothing may steer a terminal.
    if (!(name in place)) expect(error.message).not.toContain(value);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none must be there
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
  });

  it("its words cannot steer a terminal", async () => {
    services.vending = () => ({ status: 403, body: { error: "unknown_client", error_description: "\u001b[2Jhi\r\n" } });
    expect((await errorOf(RefusedError, vendCredentials(settings, token))).message).toContain(": \\x1b[2Jhi\\x0d\\x0a");
  });

  it.each(["constructor", "__proto__", "toString"])("%s is an error code like any other", async (error) => {
    services.vending = () => ({ status: 403, body: { error, error_description: "No." } });
    const { message, remedy } = await errorOf(RefusedError, vendCredentials(settings, token));
    expect(message).toBe(`the vending API refused (${error}): No.`);
    expect(remedy).toBe("Ask the platform team, with the request's id");
  });

  it("a token that it echoes is not shown", async () => {
    services.vending = ({ body }) => ({ status: 403, body: { error: "unknown_client", error_description: body } });
    const { message } = await errorOf(RefusedError, vendCredentials(settings, token));
    expect(message).toContain("[redacted]");
  });

  it("a wrong clock is named beside a refusal", async () => {
    services.clockOffsetMs = -400_000;
    services.vending = () => ({ status: 401, body: { error: "invalid_token", error_description: "Expired." } });
    expect((await errorOf(RefusedError, vendCredentials(settings, token))).message).toMatch(
      /clock is (399|400|401) s ahead/,
    );
  });
});

it.each([
  ["120", 120],
  [" 3 ", 3],
  ["Sat, 21 Nov 2026 10:00:30 GMT", 30],
  ["Sat, 21 Nov 2026 09:00:00 GMT", 0],
  ["soon", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, expected) => {
  expect(retryAfterSeconds(header, Date.parse("2026-11-21T10:00:00Z"))).toBe(expected);
});
