import { renderUnicodeCompact } from "uqr";
import { Secret } from "../../core/secret";
import type { Json } from "../../settings/terraform-outputs";
import { callCognito, lacking, type Operation } from "../cognito/operation";
import type { UserSettings } from "../settings/user-settings";
import { again, askCode, type SignInContext } from "./questions";

/** By what the user pool knows whose app it is: a session of the sign-in, or an access token. */
export type Proof = { readonly session: Secret | undefined } | { readonly accessToken: Secret };

/**
 * Makes an authenticator app the second factor: shows its secret as a QR code and in letters, and takes codes until one
 * is right.
 * @returns the session that the sign-in goes on with, if it is one.
 */
export async function enrolByCode(
  context: SignInContext,
  owner: Proof & { readonly userName: string },
): Promise<Secret | undefined> {
  const { settings, signal, say, show } = context;
  const occasion = "session" in owner ? "sign-in" : "account";
  const associate: Operation = {
    service: "cognito_idp",
    name: "AssociateSoftwareToken",
    input: proof(owner),
    occasion,
  };
  const { output } = await callCognito(settings, associate, { signal });
  if (typeof output.SecretCode !== "string" || !/^[A-Z2-7]+=*$/.test(output.SecretCode))
    throw lacking(settings, associate, "a secret");
  const secret = new Secret(output.SecretCode);
  show(qrCode(provisioningUri(settings, owner.userName, secret)));
  say(`scan it with an authenticator app, or type this there: ${grouped(secret)}`);
  const session = sessionIn(output) ?? ("session" in owner ? owner.session : undefined);
  const typos = ["EnableSoftwareTokenMFAException", "CodeMismatchException"];
  return again(context, typos, async () => {
    const verify: Operation = {
      service: "cognito_idp",
      name: "VerifySoftwareToken",
      input: {
        ...proof("session" in owner ? { session } : owner),
        UserCode: await askCode(context, "Code that the app shows: "),
        FriendlyDeviceName: "oidc-s3",
      },
      occasion,
    };
    const { output: verified } = await callCognito(settings, verify, { signal });
    if (verified.Status !== "SUCCESS") throw lacking(settings, verify, "success");
    return sessionIn(verified) ?? session;
  });
}

function proof(owner: Proof): Json {
  if ("accessToken" in owner) return { AccessToken: owner.accessToken };
  return owner.session === undefined ? {} : { Session: owner.session };
}

function sessionIn({ Session: value }: Json): Secret | undefined {
  return typeof value === "string" && value !== "" ? new Secret(value) : undefined;
}

/** What authenticator apps read: https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
function provisioningUri({ userPoolId }: UserSettings, userName: string, secret: Secret): string {
  const issuer = `oidc-s3 ${userPoolId}`;
  const label = encodeURIComponent(`${issuer}:${userName}`);
  return `otpauth://totp/${label}?secret=${secret.reveal().replace(/=+$/, "")}&issuer=${encodeURIComponent(issuer)}`;
}

/** Two rows of it are one line of text, so that it fits a terminal and its squares are square. */
function qrCode(text: string): string {
  return `${renderUnicodeCompact(text, { border: 2 })}\n`;
}

function grouped(secret: Secret): string {
  return (
    secret
      .reveal()
      .replace(/=+$/, "")
      .match(/.{1,4}/g) ?? []
  ).join(" ");
}
