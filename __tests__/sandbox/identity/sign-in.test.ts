import { createHmac } from "node:crypto";
import type { Factor } from "../../../sandbox/identity/directory";
import type { People } from "../../../sandbox/identity/people";
import type { Json } from "../../../sandbox/identity/service-error";
import { COGNITO_GROUP } from "../../../sandbox/identity/srp";
import { totpCode } from "../../../sandbox/identity/totp";
import {
  administer,
  ask,
  CLI,
  claimsOf,
  createPeople,
  FakeDirectory,
  PASSWORD,
  POOL,
  type Result,
  resultOf,
  START,
  signInByPassword,
} from "./support/fake-directory";

const INCORRECT = { type: "NotAuthorizedException", message: "Incorrect username or password." };
const NEW_PASSWORD = "Another-horse-8";
const MINUTE = 60_000;

let clock: { now: number };
let directory: FakeDirectory;
let people: People;
let keys: People["keys"] | undefined;

beforeEach(async () => {
  clock = { now: START };
  directory = new FakeDirectory();
  // Making a key takes longer than all that a test does with it.
  people = await createPeople(directory, clock, keys);
  keys = people.keys;
});

const respond = (ChallengeName: string, { Session }: Json, answers: Json, ClientId = "cli") =>
  ask(people, "RespondToAuthChallenge", {
    ...{ ClientId, ChallengeName, Session },
    ChallengeResponses: { USERNAME: "ann-id", ...answers },
  });
const admin = (operation: string, input: Json) => administer(people, directory, operation, input);
const signedIn = async (client = "cli", name = "ann@example.org") =>
  resultOf(await signInByPassword(people, name, PASSWORD, client));
const lastSecret = (to = "ann@example.org") => people.outbox.messages(to).at(-1)?.secret ?? "";
const refresh = (RefreshToken: string, ClientId = "cli") =>
  ask(people, "GetTokensFromRefreshToken", { ClientId, RefreshToken });

async function enrol({ AccessToken }: Result): Promise<string> {
  const { SecretCode } = await ask(people, "AssociateSoftwareToken", { AccessToken });
  const UserCode = totpCode(String(SecretCode), clock.now);
  await ask(people, "VerifySoftwareToken", { AccessToken, UserCode });
  const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
  await ask(people, "SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings });
  clock.now += 30_000;
  return String(SecretCode);
}

describe("tokens", () => {
  it("have Cognito's claims, and of the attributes those that the client may read", async () => {
    directory.groups.set("ann-id", [
      { name: "late", roleArn: undefined, precedence: undefined },
      { name: "staff", roleArn: "arn:staff", precedence: 20 },
      { name: "admins", roleArn: "arn:admins", precedence: 10 },
    ]);
    const { IdToken, AccessToken } = await signedIn();
    const seconds = Math.floor(START / 1000);
    const common = {
      sub: "ann-sub",
      "cognito:groups": ["admins", "staff", "late"],
      iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_people",
      origin_jti: expect.any(String),
      event_id: expect.any(String),
      jti: expect.any(String),
      auth_time: seconds,
      iat: seconds,
      exp: seconds + 3600,
    };
    expect(claimsOf(IdToken)).toEqual({
      ...common,
      token_use: "id",
      aud: "cli",
      "cognito:username": "ann-id",
      "cognito:roles": ["arn:admins", "arn:staff"],
      "cognito:preferred_role": "arn:admins",
      email: "ann@example.org",
      email_verified: true,
      "custom:team": "blue",
    });
    expect(claimsOf(AccessToken)).toEqual({
      ...common,
      token_use: "access",
      client_id: "cli",
      username: "ann-id",
      scope: "aws.cognito.signin.user.admin",
    });
  });

  it.each([
    ["the lowest precedence", [10, 20], "arn:0"],
    ["none on a tie", [10, 10], undefined],
  ])("prefer the role of %s", async (_, precedences, preferred) => {
    const groups = precedences.map((precedence, index) => ({ name: `g${index}`, roleArn: `arn:${index}`, precedence }));
    directory.groups.set("ann-id", groups);
    expect(claimsOf((await signedIn()).IdToken)["cognito:preferred_role"]).toBe(preferred);
  });

  it("verify with the key that the sandbox publishes for the pool, and none that was edited does", async () => {
    const { AccessToken, IdToken } = await signedIn();
    await expect(ask(people, "GetUser", { AccessToken })).resolves.toMatchObject({ Username: "ann-id" });
    const [head, , signature] = AccessToken.split(".");
    const edited = Buffer.from(JSON.stringify({ ...claimsOf(AccessToken), username: "bob-id" })).toString("base64url");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    for (const token of [IdToken, `${head}.${edited}.${signature}`, `${none}.${edited}.`, "junk"]) {
      await expect(ask(people, "GetUser", { AccessToken: token })).rejects.toMatchObject({
        message: "Invalid Access Token",
      });
    }
    clock.now += 60 * MINUTE;
    await expect(ask(people, "GetUser", { AccessToken })).rejects.toMatchObject({
      message: "Access Token has expired",
    });
  });
});

describe("a password", () => {
  it.each(["ann@example.org", "ANN@example.org", "ann-id"])("lets %s in", async (name) => {
    expect(resultOf(await signInByPassword(people, name)).AccessToken).toMatch(/^eyJ/);
  });
  it.each([
    ["another", "ann@example.org", "Wrong-horse-7"],
    ["one in other letters", "ann@example.org", PASSWORD.toUpperCase()],
    ["somebody else's name", "nobody@example.org", PASSWORD],
  ])("is not %s", async (_, name, password) => {
    await expect(signInByPassword(people, name, password)).rejects.toMatchObject(INCORRECT);
  });
  it("of a disabled user is refused, and says why only to who knows it", async () => {
    await admin("AdminDisableUser", { Username: "ann-id" });
    await expect(signInByPassword(people)).rejects.toMatchObject({ message: "User is disabled." });
    await expect(signInByPassword(people, "ann-id", "Wrong-horse-7")).rejects.toMatchObject(INCORRECT);
  });
  it("cannot be tried without end: a name is locked, longer each time, whether anybody has it or not", async () => {
    for (const name of ["ann-id", "nobody"]) {
      for (let time = 0; time < 5; time++) {
        await expect(signInByPassword(people, name, "wrong")).rejects.toMatchObject(INCORRECT);
      }
      await expect(signInByPassword(people, name)).rejects.toMatchObject({ message: "Password attempts exceeded" });
    }
    clock.now += 1000;
    await expect(signInByPassword(people, "ann-id", "wrong")).rejects.toMatchObject(INCORRECT);
    clock.now += 1999;
    await expect(signInByPassword(people)).rejects.toMatchObject({ message: "Password attempts exceeded" });
    clock.now += 1;
    await expect(signInByPassword(people)).resolves.toBeDefined();
  });
  it("of a user who was deleted and made again is gone", async () => {
    await admin("AdminDeleteUser", { Username: "ann-id" });
    directory.add("ann");
    Object.assign(directory.named("ann-id"), { sub: "ann-2", status: "CONFIRMED" });
    await expect(signInByPassword(people)).rejects.toMatchObject(INCORRECT);
  });
});

describe("a client", () => {
  const start = (ClientId: string, AuthFlow: string, parameters: Json = {}, operation = "InitiateAuth") =>
    ask(people, operation, { ClientId, AuthFlow, AuthParameters: { USERNAME: "ann-id", ...parameters } });
  it.each([
    ["steady", "USER_SRP_AUTH", "USER_SRP_AUTH is not enabled for the client."],
    ["plain", "USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH flow not enabled for this client"],
    ["plain", "REFRESH_TOKEN_AUTH", "Auth flow not enabled for this client"],
    ["cli", "ADMIN_USER_PASSWORD_AUTH", "Initiate Auth method not supported."],
    ["cli", "CLIENT_CREDENTIALS", "Unsupported auth flow CLIENT_CREDENTIALS"],
  ])("%s gets no %s", async (client, flow, message) => {
    await expect(start(client, flow)).rejects.toMatchObject({ type: "InvalidParameterException", message });
  });
  it("that nobody has is not found", async () => {
    await expect(start("nobody", "USER_SRP_AUTH")).rejects.toMatchObject({ type: "ResourceNotFoundException" });
  });
  it("may let administrators sign in for people, if it is allowed to", async () => {
    const flow = { AuthFlow: "ADMIN_USER_PASSWORD_AUTH", ClientId: "cli" };
    const AuthParameters = { USERNAME: "ann-id", PASSWORD };
    const refused = { message: "Auth flow not enabled for this client" };
    await expect(admin("AdminInitiateAuth", { ...flow, AuthParameters })).rejects.toMatchObject(refused);
    directory.clients.set("cli", { ...CLI, authFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] });
    await expect(admin("AdminInitiateAuth", { ...flow, AuthParameters })).resolves.toHaveProperty(
      "AuthenticationResult",
    );
  });
  it("with a secret proves it with each user name", async () => {
    const hash = (text: string) => createHmac("sha256", "s3cret").update(text).digest("base64");
    const withHash = (SECRET_HASH?: string) =>
      start("secret", "USER_PASSWORD_AUTH", { PASSWORD, ...(SECRET_HASH === undefined ? {} : { SECRET_HASH }) });
    await expect(withHash(hash("ann-idsecret"))).resolves.toBeDefined();
    for (const wrong of [undefined, hash("bob-idsecret"), hash("ann-idcli"), ""]) {
      await expect(withHash(wrong)).rejects.toMatchObject({ type: "NotAuthorizedException" });
    }
  });
});

describe("a name that nobody has", () => {
  const start = async (name: string, ClientId = "cli") =>
    ask(people, "InitiateAuth", {
      ...{ ClientId, AuthFlow: "USER_SRP_AUTH" },
      AuthParameters: { USERNAME: name, SRP_A: "2" },
    });
  it("is answered as one that somebody has: the same shape, and the same salt each time", async () => {
    const shape = async (name: string) => {
      const { ChallengeName, ChallengeParameters } = await start(name);
      const parameters = ChallengeParameters as Record<string, string>;
      return { name: ChallengeName, keys: Object.keys(parameters), salt: parameters.SALT, B: parameters.SRP_B };
    };
    const [ann, nobody, again] = [await shape("ann-id"), await shape("nobody"), await shape("nobody")];
    expect(nobody).toMatchObject({ name: ann.name, keys: ann.keys });
    expect([ann.salt?.length, nobody.salt]).toEqual([32, again.salt]);
    expect(again.B).not.toBe(nobody.B);
  });
  it("is told where the client does not hide it", async () => {
    await expect(start("nobody", "plain")).rejects.toMatchObject({ type: "UserNotFoundException" });
    await expect(start("ann-id", "plain")).resolves.toBeDefined();
  });
  it("gets a code like anybody else, and it is wrong", async () => {
    const forgot = (Username: string) => ask(people, "ForgotPassword", { ClientId: "cli", Username });
    const masked = { Destination: "a***@e***", DeliveryMedium: "EMAIL", AttributeName: "email" };
    expect(await forgot("ann@example.org")).toEqual({ CodeDeliveryDetails: masked });
    expect(await forgot("amy@example.org")).toEqual({ CodeDeliveryDetails: masked });
    for (const Username of ["ann@example.org", "amy@example.org"]) {
      const input = { ClientId: "cli", Username, ConfirmationCode: "x", Password: NEW_PASSWORD };
      await expect(ask(people, "ConfirmForgotPassword", input)).rejects.toMatchObject({
        type: "CodeMismatchException",
      });
    }
    expect(people.outbox.messages("amy@example.org")).toEqual([]);
  });
  it.each([[0n], [1n], [2n]])("or any name, and an A of %p times N are refused", async (times) => {
    const AuthParameters = { USERNAME: "ann-id", SRP_A: (COGNITO_GROUP.N * times).toString(16) };
    const input = { ClientId: "cli", AuthFlow: "USER_SRP_AUTH", AuthParameters };
    await expect(ask(people, "InitiateAuth", input)).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });
});

describe("an invitation", () => {
  const invite = (more: Json = {}) =>
    admin("AdminCreateUser", { Username: "cy@example.org", DesiredDeliveryMediums: ["EMAIL"], ...more });
  const first = (password = lastSecret("cy@example.org")) => signInByPassword(people, "cy@example.org", password);
  const choose = (answer: Json, NEW_PASSWORD: string) =>
    respond("NEW_PASSWORD_REQUIRED", answer, { USERNAME: "cy-id", NEW_PASSWORD });

  it("has a temporary password that the directory never hears of, and one of somebody's own must follow", async () => {
    const { forwarded } = await invite({ TemporaryPassword: "Temporary-word-1" });
    expect(JSON.stringify(forwarded)).not.toContain("Temporary-word-1");
    expect(lastSecret("cy@example.org")).toBe("Temporary-word-1");
    const answer = await first();
    expect(answer).toMatchObject({ ChallengeName: "NEW_PASSWORD_REQUIRED" });
    await expect(choose(answer, "weak")).rejects.toMatchObject({ type: "InvalidPasswordException" });
    expect(resultOf(await choose(answer, NEW_PASSWORD)).IdToken).toMatch(/^eyJ/);
    expect(directory.named("cy-id").status).toBe("CONFIRMED");
    await expect(first("Temporary-word-1")).rejects.toMatchObject(INCORRECT);
    await expect(first(NEW_PASSWORD)).resolves.toHaveProperty("AuthenticationResult");
    await expect(choose(answer, NEW_PASSWORD)).rejects.toMatchObject({ message: "Invalid session for the user." });
  });
  it("expires, and can be sent again with another password", async () => {
    await invite();
    const earlier = lastSecret("cy@example.org");
    clock.now += 7 * 86_400_000;
    await expect(first()).rejects.toMatchObject({ message: expect.stringContaining("has expired") });
    await invite({ MessageAction: "RESEND" });
    await expect(first(earlier)).rejects.toMatchObject(INCORRECT);
    await expect(first()).resolves.toMatchObject({ ChallengeName: "NEW_PASSWORD_REQUIRED" });
  });
  it("cannot be sent again to who has used it, and is not mailed where that is suppressed", async () => {
    await expect(admin("AdminCreateUser", { Username: "ann-id", MessageAction: "RESEND" })).rejects.toMatchObject({
      type: "UnsupportedUserStateException",
    });
    await invite({ MessageAction: "SUPPRESS" });
    expect(people.outbox.messages("cy@example.org")).toEqual([]);
  });
});

describe("a session of a challenge", () => {
  beforeEach(() => admin("AdminSetUserPassword", { Username: "ann-id", Password: PASSWORD, Permanent: false }));
  const choose = (answer: Json, more: Json = {}, client = "cli", challenge = "NEW_PASSWORD_REQUIRED") =>
    respond(challenge, answer, { NEW_PASSWORD, ...more }, client);
  const invalid = { type: "NotAuthorizedException", message: "Invalid session for the user." };

  it.each<[string, (answer: Json) => Promise<Json>]>([
    ["of another challenge", (answer) => choose(answer, {}, "cli", "SOFTWARE_TOKEN_MFA")],
    ["of another client", (answer) => choose(answer, {}, "other")],
    ["of another user", (answer) => choose(answer, { USERNAME: "bob-id" })],
    ["that was edited", ({ Session }) => choose({ Session: `${String(Session)}A` })],
  ])("%s does nothing, and is used up", async (_, attempt) => {
    const answer = await signInByPassword(people);
    await expect(attempt(answer)).rejects.toMatchObject(invalid);
  });
  it("ends after three minutes", async () => {
    const answer = await signInByPassword(people);
    clock.now += 3 * MINUTE - 1;
    const inTime = await signInByPassword(people);
    clock.now += 1;
    await expect(choose(answer)).rejects.toMatchObject(invalid);
    await expect(choose(inTime)).resolves.toHaveProperty("AuthenticationResult");
  });
  it("ends when the user is disabled", async () => {
    const answer = await signInByPassword(people);
    directory.named("ann-id").enabled = false;
    await expect(choose(answer)).rejects.toMatchObject({ message: "User is disabled." });
  });
});

describe("a second factor", () => {
  const code = (answer: Json, SOFTWARE_TOKEN_MFA_CODE: string) =>
    respond("SOFTWARE_TOKEN_MFA", answer, { SOFTWARE_TOKEN_MFA_CODE });
  const mismatch = { type: "CodeMismatchException" };

  it("is asked for once it is on, and a code of the app works once, in its own half minute and beside it", async () => {
    const secret = await enrol(await signedIn());
    const at = (steps: number) => totpCode(secret, clock.now + steps * 30_000);
    let answer = await signInByPassword(people);
    expect(answer).toMatchObject({ ChallengeName: "SOFTWARE_TOKEN_MFA" });
    for (const wrong of [at(-2), at(2), "12345", ""]) await expect(code(answer, wrong)).rejects.toBeDefined();
    answer = await signInByPassword(people);
    const first = at(0);
    await expect(code(answer, first)).resolves.toHaveProperty("AuthenticationResult");
    await expect(code(await signInByPassword(people), first)).rejects.toMatchObject(mismatch);
    await expect(code(await signInByPassword(people), at(1))).resolves.toHaveProperty("AuthenticationResult");
  });
  it("cannot be guessed: five wrong codes end the sign-in", async () => {
    const secret = await enrol(await signedIn());
    const answer = await signInByPassword(people);
    for (let time = 0; time < 5; time++) await expect(code(answer, "000000")).rejects.toMatchObject(mismatch);
    const right = totpCode(secret, clock.now);
    await expect(code(answer, right)).rejects.toMatchObject({ message: "Invalid session for the user." });
  });
  it("that was never verified cannot be switched on", async () => {
    const { AccessToken } = await signedIn();
    await ask(people, "AssociateSoftwareToken", { AccessToken });
    await expect(ask(people, "VerifySoftwareToken", { AccessToken, UserCode: "000000" })).rejects.toMatchObject({
      type: "EnableSoftwareTokenMFAException",
    });
    const SoftwareTokenMfaSettings = { Enabled: true };
    await expect(ask(people, "SetUserMFAPreference", { AccessToken, SoftwareTokenMfaSettings })).rejects.toMatchObject({
      message: "User has not verified software token mfa",
    });
  });
  it("by mail is sent, masked in the answer, and works once", async () => {
    const { AccessToken } = await signedIn();
    await ask(people, "SetUserMFAPreference", { AccessToken, EmailMfaSettings: { Enabled: true } });
    const answer = await signInByPassword(people);
    expect(answer).toMatchObject({
      ChallengeName: "EMAIL_OTP",
      ChallengeParameters: { CODE_DELIVERY_DELIVERY_MEDIUM: "EMAIL", CODE_DELIVERY_DESTINATION: "a***@e***" },
    });
    const EMAIL_OTP_CODE = lastSecret();
    await expect(respond("EMAIL_OTP", answer, { EMAIL_OTP_CODE: "x" })).rejects.toMatchObject(mismatch);
    await expect(respond("EMAIL_OTP", answer, { EMAIL_OTP_CODE })).resolves.toHaveProperty("AuthenticationResult");
    await expect(respond("EMAIL_OTP", answer, { EMAIL_OTP_CODE })).rejects.toBeDefined();
  });
  it("is chosen where there are two and none is preferred", async () => {
    const result = await signedIn();
    const secret = await enrol(result);
    const { AccessToken } = result;
    const EmailMfaSettings = { Enabled: true };
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: false };
    await ask(people, "SetUserMFAPreference", { AccessToken, EmailMfaSettings, SoftwareTokenMfaSettings });
    const answer = await signInByPassword(people);
    expect(answer).toMatchObject({
      ChallengeName: "SELECT_MFA_TYPE",
      ChallengeParameters: { MFAS_CAN_CHOOSE: '["SOFTWARE_TOKEN_MFA","EMAIL_OTP"]' },
    });
    await expect(respond("SELECT_MFA_TYPE", answer, { ANSWER: "SMS_MFA" })).rejects.toBeDefined();
    const chosen = await respond("SELECT_MFA_TYPE", await signInByPassword(people), { ANSWER: "SOFTWARE_TOKEN_MFA" });
    await expect(code(chosen, totpCode(secret, clock.now))).resolves.toHaveProperty("AuthenticationResult");
  });
  it("that is required is set up in the middle of the first sign-in, and not around it", async () => {
    directory.userPool = { ...POOL, mfa: "ON", factors: ["SOFTWARE_TOKEN_MFA"] as Factor[] };
    const answer = await signInByPassword(people);
    expect(answer).toMatchObject({ ChallengeName: "MFA_SETUP" });
    const setUp = (given: Json) => respond("MFA_SETUP", given, {});
    await expect(setUp(answer)).rejects.toMatchObject({ type: "NotAuthorizedException" });
    const started = await ask(people, "AssociateSoftwareToken", { Session: (await signInByPassword(people)).Session });
    await expect(
      ask(people, "VerifySoftwareToken", { Session: started.Session, UserCode: "000000" }),
    ).rejects.toMatchObject(mismatch);
    const UserCode = totpCode(String(started.SecretCode), clock.now);
    const verified = await ask(people, "VerifySoftwareToken", { Session: started.Session, UserCode });
    expect(resultOf(await setUp(verified)).IdToken).toMatch(/^eyJ/);
    await expect(signInByPassword(people)).resolves.toMatchObject({ ChallengeName: "SOFTWARE_TOKEN_MFA" });
  });
  it("is taken off by an administrator, who sees it in the directory", async () => {
    await enrol(await signedIn());
    const settings = async () => (await admin("AdminGetUser", { Username: "ann-id" })).UserMFASettingList;
    expect(await settings()).toEqual(["SOFTWARE_TOKEN_MFA"]);
    const SoftwareTokenMfaSettings = { Enabled: false, PreferredMfa: false };
    await admin("AdminSetUserMFAPreference", { Username: "ann-id", SoftwareTokenMfaSettings });
    expect(await settings()).toBeUndefined();
    await expect(signedIn()).resolves.toBeDefined();
  });
});

describe("a refresh token", () => {
  it("rotates: the one before works for the grace period, and then is refused", async () => {
    const { RefreshToken } = await signedIn();
    const next = resultOf(await refresh(RefreshToken));
    expect(next.RefreshToken).not.toBe(RefreshToken);
    clock.now += 9_999;
    await expect(refresh(RefreshToken)).resolves.toBeDefined();
    clock.now += 1;
    await expect(refresh(RefreshToken)).rejects.toMatchObject({ type: "RefreshTokenReuseException" });
    await expect(refresh(next.RefreshToken)).resolves.toBeDefined();
  });
  it("lives thirty days from the sign-in, however often it rotates", async () => {
    const { RefreshToken } = await signedIn();
    clock.now += 29 * 86_400_000;
    const next = resultOf(await refresh(RefreshToken));
    clock.now += 86_400_000;
    await expect(refresh(next.RefreshToken)).rejects.toMatchObject({ message: "Refresh Token has expired" });
  });
  it("is good for its own client only, and for no other string", async () => {
    const { RefreshToken } = await signedIn();
    for (const [token, client] of [
      [RefreshToken, "other"],
      [`${RefreshToken}A`, "cli"],
      ["junk", "cli"],
    ] as const) {
      await expect(refresh(token, client)).rejects.toMatchObject({ message: "Invalid Refresh Token" });
    }
  });
  it("is renewed by the older flow where it does not rotate, and there only", async () => {
    const flow = (ClientId: string, REFRESH_TOKEN: string) =>
      ask(people, "InitiateAuth", { ClientId, AuthFlow: "REFRESH_TOKEN_AUTH", AuthParameters: { REFRESH_TOKEN } });
    const steady = await signedIn("steady");
    const answer = resultOf(await flow("steady", steady.RefreshToken));
    expect(answer.RefreshToken).toBeUndefined();
    expect(claimsOf(answer.IdToken).origin_jti).toBe(claimsOf(steady.IdToken).origin_jti);
    directory.clients.set("cli", { ...CLI, authFlows: [...CLI.authFlows, "ALLOW_REFRESH_TOKEN_AUTH"] });
    const { RefreshToken } = await signedIn();
    await expect(flow("cli", RefreshToken)).rejects.toMatchObject({ type: "NotAuthorizedException" });
  });

  const ends: [string, (result: Result) => Promise<unknown>, string][] = [
    [
      "it is revoked",
      ({ RefreshToken }) => ask(people, "RevokeToken", { ClientId: "cli", Token: RefreshToken }),
      "Refresh Token has been revoked",
    ],
    [
      "its user signs out everywhere",
      ({ AccessToken }) => ask(people, "GlobalSignOut", { AccessToken }),
      "Refresh Token has been revoked",
    ],
    [
      "an administrator signs its user out",
      () => admin("AdminUserGlobalSignOut", { Username: "ann-id" }),
      "Refresh Token has been revoked",
    ],
    ["its user is disabled", () => admin("AdminDisableUser", { Username: "ann-id" }), "Refresh Token has been revoked"],
    ["its user is deleted", () => admin("AdminDeleteUser", { Username: "ann-id" }), "Refresh Token has been revoked"],
    [
      "the directory disables its user",
      async () => {
        directory.named("ann-id").enabled = false;
      },
      "User is disabled.",
    ],
  ];
  it.each(ends)("ends when %s, and Bob's does not", async (_, end, message) => {
    const [ann, bob] = [await signedIn(), await signedIn("cli", "bob@example.org")];
    await expect(ask(people, "GetUser", { AccessToken: ann.AccessToken })).resolves.toBeDefined();
    await end(ann);
    await expect(refresh(ann.RefreshToken)).rejects.toMatchObject({ type: "NotAuthorizedException", message });
    await expect(ask(people, "GetUser", { AccessToken: ann.AccessToken })).rejects.toMatchObject({
      type: "NotAuthorizedException",
    });
    await expect(refresh(bob.RefreshToken)).resolves.toBeDefined();
  });
  it("can be revoked by its own client, and no access token can", async () => {
    const { RefreshToken, AccessToken } = await signedIn();
    const revoke = (ClientId: string, Token: string) => ask(people, "RevokeToken", { ClientId, Token });
    await expect(revoke("other", RefreshToken)).rejects.toMatchObject({ type: "UnauthorizedException" });
    await expect(revoke("cli", AccessToken)).rejects.toMatchObject({ type: "UnsupportedTokenTypeException" });
    await expect(refresh(RefreshToken)).resolves.toBeDefined();
  });
});

describe("a forgotten password", () => {
  const forgot = () => ask(people, "ForgotPassword", { ClientId: "cli", Username: "ann@example.org" });
  const confirm = (ConfirmationCode: string, Password = NEW_PASSWORD) =>
    ask(people, "ConfirmForgotPassword", { ClientId: "cli", Username: "ann@example.org", ConfirmationCode, Password });

  it("is replaced by the code that was sent, once and within the hour", async () => {
    await forgot();
    await expect(confirm("000000x")).rejects.toMatchObject({ type: "CodeMismatchException" });
    await expect(confirm(lastSecret(), "weak")).rejects.toMatchObject({ type: "InvalidPasswordException" });
    await confirm(lastSecret());
    await expect(signInByPassword(people)).rejects.toMatchObject(INCORRECT);
    await expect(signInByPassword(people, "ann-id", NEW_PASSWORD)).resolves.toBeDefined();
    await expect(confirm(lastSecret())).rejects.toMatchObject({ type: "ExpiredCodeException" });
    await forgot();
    clock.now += 60 * MINUTE;
    await expect(confirm(lastSecret())).rejects.toMatchObject({ type: "ExpiredCodeException" });
  });
  it("cannot be replaced by guessing", async () => {
    await forgot();
    for (let time = 0; time < 5; time++) await expect(confirm("x")).rejects.toBeDefined();
    await expect(confirm(lastSecret())).rejects.toMatchObject({ type: "LimitExceededException" });
  });
  it("that an administrator reset works no more", async () => {
    await admin("AdminResetUserPassword", { Username: "ann-id" });
    await expect(signInByPassword(people)).rejects.toMatchObject({ type: "PasswordResetRequiredException" });
    await confirm(lastSecret());
    await expect(signInByPassword(people, "ann-id", NEW_PASSWORD)).resolves.toBeDefined();
  });
  it("can be changed with the one before, and not back to it", async () => {
    const { AccessToken } = await signedIn();
    const change = (PreviousPassword: string, ProposedPassword: string) =>
      ask(people, "ChangePassword", { AccessToken, PreviousPassword, ProposedPassword });
    await expect(change("Wrong-horse-7", NEW_PASSWORD)).rejects.toMatchObject(INCORRECT);
    await change(PASSWORD, NEW_PASSWORD);
    await expect(change(NEW_PASSWORD, PASSWORD)).rejects.toMatchObject({
      type: "PasswordHistoryPolicyViolationException",
    });
  });
  it.each([
    ["Short-1", "Password not long enough"],
    ["all-lower-case-1", "Password must have uppercase characters"],
    ["ALL-UPPER-CASE-1", "Password must have lowercase characters"],
    ["No-number-at-all", "Password must have numeric characters"],
    ["NoSymbolAtAll11", "Password must have symbol characters"],
  ])("must not become %s", async (Password, fault) => {
    await expect(
      admin("AdminSetUserPassword", { Username: "ann-id", Password, Permanent: true }),
    ).rejects.toMatchObject({ message: `Password did not conform with policy: ${fault}` });
  });
});

it("what only pretends elsewhere is refused: no call goes to the emulator unseen", async () => {
  const signUp = () => ask(people, "SignUp", { ClientId: "cli", Username: "mallory", Password: PASSWORD });
  await expect(signUp()).rejects.toMatchObject({ message: "SignUp is not permitted for this user pool" });
  directory.userPool = { ...POOL, allowsSignUp: true };
  await expect(signUp()).rejects.toMatchObject({ type: "UnsupportedOperationException" });
  for (const operation of ["ConfirmSignUp", "UpdateUserAttributes", "DeleteUser"]) {
    expect(people.kindOf(operation)).toBe("public");
    await expect(ask(people, operation, {})).rejects.toMatchObject({ type: "UnsupportedOperationException" });
  }
  expect(people.kindOf("DescribeUserPool")).toBeUndefined();
  expect(people.kindOf("AdminInitiateAuth")).toBe("administrator");
});
