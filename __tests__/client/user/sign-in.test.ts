import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Secret } from "../../../client/core/secret";
import { readSession } from "../../../client/user/session/session";
import { signInAtTerminal } from "../../../client/user/sign-in/terminal-sign-in";
import { LONG_ROLE, ROLE, refuse } from "../support/fake-cognito";
import { userFixture } from "../support/user-fixture";

const fixture = userFixture();
const { objectContaining } = expect;

describe("a sign-in at the terminal", () => {
  it("gives a session, credentials and the profile, and leaves the password nowhere", async () => {
    const { user } = fixture;
    const { cognito } = user;
    await user.signedIn({ profile: "work" });
    expect(user.printed[0]).toBe("signed in as ann");
    expect(user.said).toContain(
      `took the settings of ${join(user.home, ".config/oidc-s3/users/default.json")} for the profile work`,
    );
    expect(cognito.requests.map(({ operation }) => operation)).toEqual([
      "InitiateAuth",
      "RespondToAuthChallenge",
      "GetId",
      "GetCredentialsForIdentity",
    ]);
    const config = readFileSync(join(user.home, ".aws/config"), "utf8");
    expect(config).toContain("[profile work]\ncredential_process = /usr/bin/oidc-s3 user credentials --profile work\n");
    expect(user.traces).not.toContain(cognito.password);
    expect(cognito.requests.map(({ body }) => body).join()).not.toContain(cognito.password);
    for (const kind of ["session", "credentials"] as const)
      expect(statSync(user.stateFile(kind)).mode & 0o777).toBe(0o600);
    expect(statSync(user.stateFolder).mode & 0o777).toBe(0o700);
  });

  it("tells a wrong password and an unknown user in the same words, and keeps nothing", async () => {
    const { user } = fixture;
    user.typed = ["wrong-Password-1"];
    const wrong = await user.login().catch((error: unknown) => error);
    user.cognito.answers.set("InitiateAuth", () => refuse("UserNotFoundException", "User does not exist."));
    user.typed = ["wrong-Password-1"];
    const unknown = await user.login().catch((error: unknown) => error);
    for (const error of [wrong, unknown])
      expect(error).toMatchObject({ message: "wrong user name or password", exitCode: 4, remedy: expect.any(String) });
    expect((wrong as { remedy: string }).remedy).toBe((unknown as { remedy: string }).remedy);
    expect(readSession(user.settings())).toBeUndefined();
  });

  it.each([
    ["NotAuthorizedException", "User is disabled.", "this user is disabled"],
    ["NotAuthorizedException", "Password attempts exceeded", "too many wrong passwords"],
    [
      "NotAuthorizedException",
      "Temporary password has expired and must be reset by an administrator.",
      "temporary password has expired",
    ],
    ["PasswordResetRequiredException", "Password reset required", "an administrator has reset the password"],
    ["UserNotConfirmedException", "User is not confirmed.", "not been confirmed"],
    ["ResourceNotFoundException", "User pool client x does not exist.", "does not exist"],
    [
      "InvalidParameterException",
      "USER_SRP_AUTH is not enabled for the client.",
      "does not allow to sign in with a password",
    ],
    ["UserLambdaValidationException", "PreAuth said\u001b[31m no", "refused: PreAuth said\\x1b[31m no"],
    ["SomethingNewException", "never heard of", "refused (SomethingNewException): never heard of"],
  ])("says what %s means: %s", async (code, message, words) => {
    const { user } = fixture;
    user.cognito.answers.set("InitiateAuth", () => refuse(code, message));
    user.typed = ["p"];
    await expect(user.login()).rejects.toMatchObject({ message: expect.stringContaining(words), code, exitCode: 4 });
  });

  it("takes the user pool's being down for that", async () => {
    const { user } = fixture;
    user.cognito.answers.set("InitiateAuth", () => refuse("InternalErrorException", "oops", 500));
    user.typed = ["p"];
    await expect(user.login()).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining("cannot serve now"),
    });
  });

  it.each([
    ["another pool", { iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other" }, "iss is"],
    ["another client", { aud: "other" }, "aud is"],
    ["an access token in its place", { token_use: "access" }, "token_use is"],
    ["one that has expired", { exp: 1000 }, "it has expired"],
  ])("takes no ID token of %s", async (_, claims, words) => {
    const { user } = fixture;
    user.cognito.claims = claims;
    await expect(user.signedIn()).rejects.toMatchObject({
      code: "bad_id_token",
      message: expect.stringContaining(words),
    });
    expect(readSession(user.settings())).toBeUndefined();
  });
});

describe("what the user pool asks for", () => {
  const signIn = async (...typed: string[]) => {
    const { user } = fixture;
    user.typed = typed;
    return signInAtTerminal(user.context, { userName: "ann", password: new Secret(user.cognito.password) });
  };
  const digits = (key: string) => (answers: Readonly<Record<string, string>>) =>
    answers[key] === "123456" ? undefined : refuse("CodeMismatchException", "Invalid code");

  it("a new password, with what else is required, until it is accepted", async () => {
    const { user } = fixture;
    const answers: Readonly<Record<string, string>>[] = [];
    user.cognito.steps = [
      {
        name: "NEW_PASSWORD_REQUIRED",
        parameters: { requiredAttributes: '["userAttributes.name"]', userAttributes: "{}" },
        check: (given) => {
          answers.push(given);
          return given.NEW_PASSWORD === "short"
            ? refuse("InvalidPasswordException", "Password not long enough: short")
            : undefined;
        },
      },
    ];
    await signIn("Ann A.", "one", "other", "short", "short", "Long-Enough-1", "Long-Enough-1");
    expect(answers.at(-1)).toEqual({
      USERNAME: user.cognito.userId,
      NEW_PASSWORD: "Long-Enough-1",
      "userAttributes.name": "Ann A.",
    });
    expect(user.said).toContain("the two are not the same");
    expect(user.said).toContain("the new password is not accepted: Password not long enough: [redacted]");
  });

  it.each([
    ["SOFTWARE_TOKEN_MFA", "SOFTWARE_TOKEN_MFA_CODE", "authenticator app"],
    ["SMS_MFA", "SMS_MFA_CODE", "SMS to +********99"],
    ["EMAIL_OTP", "EMAIL_OTP_CODE", "e-mail to +********99"],
  ])("a code: %s, which may be mistyped twice", async (name, key, words) => {
    const { user } = fixture;
    const parameters: Record<string, string> =
      name === "SOFTWARE_TOKEN_MFA" ? {} : { CODE_DELIVERY_DESTINATION: "+********99" };
    user.cognito.steps = [{ name, parameters, check: digits(key) }];
    await signIn("abc", "000000", "111111", "123 456");
    expect(user.asked[0]).toContain(words);
    expect(user.said.filter((each) => each === "the code is wrong")).toHaveLength(2);
    user.cognito.steps = [{ name, parameters, check: digits(key) }];
    await expect(signIn("000000", "111111", "222222")).rejects.toMatchObject({ code: "CodeMismatchException" });
  });

  it("which factor, by its number", async () => {
    const { user } = fixture;
    const chosen: unknown[] = [];
    user.cognito.steps = [
      {
        name: "SELECT_MFA_TYPE",
        parameters: { MFAS_CAN_CHOOSE: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]' },
        check: ({ ANSWER }) => void chosen.push(ANSWER),
      },
      { name: "SOFTWARE_TOKEN_MFA", check: digits("SOFTWARE_TOKEN_MFA_CODE") },
    ];
    await signIn("3", "2", "123456");
    expect(chosen).toEqual(["SOFTWARE_TOKEN_MFA"]);
  });

  it("an authenticator app, by a QR code and by letters", async () => {
    const { user } = fixture;
    user.cognito.steps = [{ name: "MFA_SETUP", parameters: { MFAS_CAN_SETUP: '["SMS_MFA","SOFTWARE_TOKEN_MFA"]' } }];
    await signIn("999999", "123456");
    expect(user.shown.join()).toMatch(/[█▀▄]{10}/);
    expect(user.said.join("\n")).toContain("type this there: JBSW Y3DP EHPK 3PXP");
    expect(user.said).toContain("the code does not match the secret");
    const verify = user.cognito.requests.find(({ operation }) => operation === "VerifySoftwareToken");
    expect(verify?.input).toMatchObject({ Session: "session-of-the-app" });
    const answered = user.cognito.requests.filter(({ operation }) => operation === "RespondToAuthChallenge").at(-1);
    expect(answered?.input).toMatchObject({ ChallengeName: "MFA_SETUP", Session: "session-after-the-app" });
  });

  it.each([
    ["DEVICE_SRP_AUTH", {}, "a device that the user pool remembers (DEVICE_SRP_AUTH)"],
    ["WEB_AUTHN", {}, "a step that oidc-s3 does not know (WEB_AUTHN)"],
    ["CUSTOM_CHALLENGE", {}, "a step that oidc-s3 does not know (CUSTOM_CHALLENGE)"],
    ["SELECT_MFA_TYPE", { MFAS_CAN_CHOOSE: '["WEB_AUTHN"]' }, "no second factor that works at a terminal"],
    ["MFA_SETUP", { MFAS_CAN_SETUP: '["SMS_MFA"]' }, "no second factor that works at a terminal"],
  ])("%s is named, with another way in", async (name, parameters, words) => {
    const { user } = fixture;
    user.cognito.steps = [{ name, parameters }];
    await expect(signIn()).rejects.toMatchObject({
      message: expect.stringContaining(words),
      exitCode: 4,
      remedy: expect.stringMatching(/\w/),
    });
  });

  it("does not go on for ever", async () => {
    const { user } = fixture;
    user.cognito.steps = Array.from({ length: 12 }, () => ({ name: "SOFTWARE_TOKEN_MFA" }));
    await expect(signIn(...Array.from({ length: 12 }, () => "123456"))).rejects.toThrow("without an end");
  });
});

describe("long credentials", () => {
  it("are of the very role that the identity pool would give, and named by the identity", async () => {
    const { user } = fixture;
    user.configure({ long_sessions: { [LONG_ROLE]: 43_200 } });
    user.cognito.claims = { "cognito:preferred_role": LONG_ROLE, "cognito:roles": [LONG_ROLE, ROLE] };
    await user.signedIn({ hours: 12 });
    const asked = user.cognito.requests.find(({ operation }) => operation === "AssumeRoleWithWebIdentity");
    expect(asked?.input).toMatchObject({
      RoleArn: LONG_ROLE,
      DurationSeconds: "43200",
      RoleSessionName: "eu-west-1.aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
      WebIdentityToken: "openid.token.signed",
    });
    expect(user.cognito.count("GetCredentialsForIdentity")).toBe(0);
    expect(readSession(user.settings())).toMatchObject({ durationSeconds: 43_200 });
  });

  it.each([
    ["this role has an hour only", { [LONG_ROLE]: 43_200 }, {}, 8, `the role ${ROLE} allows one hour`],
    ["this role has fewer hours", { [ROLE]: 14_400, [LONG_ROLE]: 43_200 }, {}, 8, `the role ${ROLE} allows 4 hours`],
    ["no role has as many", { [ROLE]: 14_400 }, {}, 8, "no role allows more than 4 hours"],
    ["no role has more", {}, {}, 2, "no role allows more than one hour"],
  ])(
    "are refused where %s: nothing shorter is given, and nobody stays signed in",
    async (_, longSessions, claims, hours, words) => {
      const { user } = fixture;
      user.configure({ long_sessions: longSessions });
      user.cognito.claims = claims;
      await expect(user.signedIn({ hours })).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(words),
      });
      expect(readSession(user.settings())).toBeUndefined();
      expect(user.cognito.count("GetCredentialsForIdentity")).toBe(0);
      const tokens = user.cognito.requests.filter(({ operation }) => operation === "RespondToAuthChallenge").length;
      expect(user.cognito.count("RevokeToken")).toBe(tokens);
    },
  );

  it.each([
    ["AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "does not let this user take"],
    [
      "ValidationError",
      "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
      "for less than 8 hours",
    ],
  ])("that AWS refuses (%s) leave nobody signed in", async (code, message, words) => {
    const { user } = fixture;
    user.configure({ long_sessions: { [ROLE]: 43_200 } });
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r1</RequestId></ErrorResponse>`;
    user.cognito.answers.set("AssumeRoleWithWebIdentity", () => ({ status: 403, body }));
    await expect(user.signedIn({ hours: 8 })).rejects.toMatchObject({
      code,
      exitCode: 4,
      message: expect.stringContaining(words),
    });
    expect(readSession(user.settings())).toBeUndefined();
  });

  it("of one hour are the usual ones", async () => {
    const { user } = fixture;
    await user.signedIn({ hours: 1 });
    expect(user.cognito.count("GetCredentialsForIdentity")).toBe(1);
  });
});

describe("AWS's own files", () => {
  it("get keys with --static, beside what is there, and are private again", async () => {
    const { user } = fixture;
    await user.signedIn({ profile: "work" });
    const [config, credentials] = ["config", "credentials"].map((name) => join(user.home, ".aws", name)) as [
      string,
      string,
    ];
    writeFileSync(credentials, "# mine\n[default]\naws_access_key_id = AKIAOTHER\n", { mode: 0o644 });
    await user.signedIn({ profile: "work", writeKeys: true });
    const text = readFileSync(credentials, "utf8");
    expect(text).toMatch(/^# mine\n\[default\]\naws_access_key_id = AKIAOTHER\n# >>> oidc-s3 profile work/);
    expect(text).toMatch(
      /\[work\]\n# until 20\S+\naws_access_key_id = ASIAFAKE0002\naws_secret_access_key = secret\/key\+1\naws_session_token = /,
    );
    expect(statSync(credentials).mode & 0o777).toBe(0o600);
    // They would go before it, and be used after they have expired.
    expect(readFileSync(config, "utf8")).not.toContain("credential_process");
    expect(user.printed.at(-1)).toMatch(/it works until 20/);
    await user.signedIn({ profile: "work" });
    expect(readFileSync(credentials, "utf8")).toBe("# mine\n[default]\naws_access_key_id = AKIAOTHER\n");
    expect(readFileSync(config, "utf8")).toContain("credential_process");
  });

  it("do not lose keys that somebody else has put there", async () => {
    const { user } = fixture;
    await user.signedIn({ profile: "work" });
    writeFileSync(join(user.home, ".aws/credentials"), "[work]\naws_access_key_id = AKIAOTHER\n");
    for (const writeKeys of [true, false])
      await expect(user.signedIn({ profile: "work", writeKeys })).rejects.toMatchObject(
        objectContaining({ code: "profile_exists" }),
      );
    expect(readFileSync(join(user.home, ".aws/credentials"), "utf8")).toBe("[work]\naws_access_key_id = AKIAOTHER\n");
  });
});
