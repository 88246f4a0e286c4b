import { Secret } from "../../core/secret";
import { wordsOf } from "../../network/service-answer";
import type { Json } from "../../settings/terraform-outputs";
import { callCognito } from "../cognito/operation";
import { freshSession } from "../session/renewal";
import { again, askCode, askNewPassword, type SignInContext } from "../sign-in/questions";

const NOT_ACCEPTED = ["InvalidPasswordException", "PasswordHistoryPolicyViolationException"];

/** Changes the password of whoever is signed in. */
export async function changePassword(context: SignInContext): Promise<void> {
  const { settings, prompt, say, signal } = context;
  const { accessToken } = await freshSession(settings, { signal, report: say });
  const old = new Secret(await prompt.askHidden("Present password (not shown): "));
  await again(context, NOT_ACCEPTED, async () => {
    const input = { AccessToken: accessToken, PreviousPassword: old, ProposedPassword: await askNewPassword(context) };
    await callCognito(
      settings,
      { service: "cognito_idp", name: "ChangePassword", input, occasion: "account" },
      { signal },
    );
  });
}

/**
 * Sets a new password in the place of one that is lost, by a code that the user pool sends. Whether there is such a user,
 * nobody is told: neither by the user pool nor here.
 */
export async function resetPassword(context: SignInContext, userName: string): Promise<void> {
  const { settings, say, signal } = context;
  const who = { ClientId: settings.clientId, Username: userName };
  const { output } = await callCognito(
    settings,
    { service: "cognito_idp", name: "ForgotPassword", input: who, occasion: "sign-in" },
    { signal },
  );
  const { Destination: to } = (output.CodeDeliveryDetails ?? {}) as Json;
  say(`if there is such a user, a code was sent${typeof to === "string" ? ` to ${wordsOf(to)}` : ""}`);
  await again(context, [...NOT_ACCEPTED, "CodeMismatchException"], async () => {
    const code = await askCode(context, "Code: ");
    const input = { ...who, ConfirmationCode: code, Password: await askNewPassword(context) };
    await callCognito(
      settings,
      { service: "cognito_idp", name: "ConfirmForgotPassword", input, occasion: "sign-in" },
      { signal },
    );
  });
}
