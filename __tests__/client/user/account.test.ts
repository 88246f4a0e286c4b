import { askAccount, enrolAuthenticatorApp, preferMethod, turnMfaOff } from "../../../client/user/account/account";
import { changePassword, resetPassword } from "../../../client/user/account/password";
import { refuse } from "../support/fake-cognito";
import { userFixture } from "../support/user-fixture";

const fixture = userFixture();
const last = () => fixture.user.cognito.requests.at(-1);
const options = () => ({ report: fixture.user.report });

describe("user whoami", () => {
  it("asks the user pool", async () => {
    const { user } = fixture;
    await user.signedIn();
    const body = {
      Username: "ann",
      UserAttributes: [{ Name: "email", Value: "ann@example.com\u001b[31m" }],
      UserMFASettingList: ["SOFTWARE_TOKEN_MFA"],
      PreferredMfaSetting: "SOFTWARE_TOKEN_MFA",
    };
    user.cognito.answers.set("GetUser", () => ({ body }));
    const account = await askAccount(user.settings(), options());
    expect(account).toMatchObject({ userName: "ann", methods: ["totp"], preferred: "totp" });
    expect(account.attributes.get("email")).toBe("ann@example.com\\x1b[31m");
  });

  it.each([
    ["Access Token has been revoked", "the sign-in has ended", "user login"],
    ["Access Token does not have required scopes", "came from the browser", "-u NAME"],
    ["User is disabled.", "this user is disabled", "administrator"],
  ])("says what to do where it answers: %s", async (message, words, remedy) => {
    const { user } = fixture;
    await user.signedIn();
    user.cognito.answers.set("GetUser", () => refuse("NotAuthorizedException", message));
    await expect(askAccount(user.settings(), options())).rejects.toMatchObject({
      message: expect.stringContaining(words),
      remedy: expect.stringContaining(remedy),
      exitCode: 4,
    });
  });
});

describe("user mfa", () => {
  it("sets an authenticator app up and makes it the one that is asked for", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.typed = ["000000", "123456"];
    await enrolAuthenticatorApp(user.context);
    expect(user.shown.join()).toMatch(/[█▀▄]{10}/);
    expect(last()).toMatchObject({
      operation: "SetUserMFAPreference",
      input: { AccessToken: "access.1.token", SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } },
    });
  });

  it("prefers, and turns off what is on", async () => {
    const { user } = fixture;
    await user.signedIn();
    await preferMethod(user.context, "sms");
    expect(last()?.input).toMatchObject({ SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
    user.cognito.answers.set("GetUser", () => ({ body: { Username: "ann", UserMFASettingList: ["EMAIL_OTP"] } }));
    await turnMfaOff(user.context);
    expect(last()?.input).toEqual({
      AccessToken: "access.1.token",
      EmailMfaSettings: { Enabled: false, PreferredMfa: false },
    });
  });
});

describe("user password", () => {
  it("changes the password by the old one", async () => {
    const { user } = fixture;
    await user.signedIn();
    let refused = 0;
    user.cognito.answers.set("ChangePassword", () =>
      refused++ === 0
        ? refuse("InvalidPasswordException", "Password does not conform to policy: New-Password-1")
        : undefined,
    );
    user.typed = ["Old-1", "New-Password-1", "New-Password-1", "New-Password-2", "New-Password-2"];
    await changePassword(user.context);
    expect(last()?.input).toMatchObject({ PreviousPassword: "Old-1", ProposedPassword: "New-Password-2" });
    expect(user.traces).not.toMatch(/New-Password|Old-1/);
  });

  it("says that the old one is wrong", async () => {
    const { user } = fixture;
    await user.signedIn();
    user.cognito.answers.set("ChangePassword", () =>
      refuse("NotAuthorizedException", "Incorrect username or password."),
    );
    user.typed = ["x", "New-Password-1", "New-Password-1"];
    await expect(changePassword(user.context)).rejects.toMatchObject({ message: "wrong password", exitCode: 4 });
  });

  it("sets a new one by a code, in the same words for whoever is no user", async () => {
    const { user } = fixture;
    const details = { CodeDeliveryDetails: { Destination: "a***@e***", DeliveryMedium: "EMAIL" } };
    user.cognito.answers.set("ForgotPassword", () => ({ body: details }));
    let tried = 0;
    user.cognito.answers.set("ConfirmForgotPassword", () =>
      tried++ === 0 ? refuse("CodeMismatchException", "Invalid verification code") : undefined,
    );
    user.typed = ["000000", "New-1", "New-1", "123456", "New-1", "New-1"];
    await resetPassword(user.context, "ann");
    expect(user.said[0]).toBe("if there is such a user, a code was sent to a***@e***");
    expect(last()?.input).toMatchObject({ Username: "ann", ConfirmationCode: "123456", Password: "New-1" });
    user.cognito.answers.set("ForgotPassword", () => refuse("LimitExceededException", "Attempt limit exceeded"));
    await expect(resetPassword(user.context, "ann")).rejects.toMatchObject({
      message: expect.stringContaining("too many attempts"),
      exitCode: 4,
    });
  });
});
