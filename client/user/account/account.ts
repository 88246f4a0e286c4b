import type { Secret } from "../../core/secret";
import { wordsOf } from "../../network/service-answer";
import type { Json } from "../../settings/terraform-outputs";
import { personOf } from "../cognito/id-token";
import { callCognito } from "../cognito/operation";
import { freshSession, type RenewalOptions } from "../session/renewal";
import type { UserSettings } from "../settings/user-settings";
import { enrolByCode } from "../sign-in/authenticator-app";
import type { SignInContext } from "../sign-in/questions";

/** A second factor as the command line names it, with Cognito's names. */
export const METHODS = {
  totp: { setting: "SoftwareTokenMfaSettings", listed: "SOFTWARE_TOKEN_MFA", words: "authenticator app" },
  sms: { setting: "SMSMfaSettings", listed: "SMS_MFA", words: "SMS" },
  email: { setting: "EmailMfaSettings", listed: "EMAIL_OTP", words: "e-mail" },
} as const;

export type Method = keyof typeof METHODS;

/** What the user pool says now of whoever is signed in. */
export interface Account {
  readonly userName: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly methods: readonly Method[];
  readonly preferred: Method | undefined;
}

/** Asks the user pool who is signed in; a user that was removed, disabled or signed out meanwhile is nobody. */
export async function askAccount(settings: UserSettings, options: RenewalOptions): Promise<Account> {
  const { accessToken } = await freshSession(settings, options);
  return getUser(settings, accessToken, options.signal);
}

async function getUser(settings: UserSettings, accessToken: Secret, signal?: AbortSignal): Promise<Account> {
  const { output } = await callCognito(
    settings,
    { service: "cognito_idp", name: "GetUser", input: { AccessToken: accessToken }, occasion: "account" },
    { signal, retry: { deadlineMs: 10_000 } },
  );
  const attributes = (Array.isArray(output.UserAttributes) ? output.UserAttributes : []) as Json[];
  const list = Array.isArray(output.UserMFASettingList) ? output.UserMFASettingList : [];
  const methods = (Object.keys(METHODS) as Method[]).filter((method) => list.includes(METHODS[method].listed));
  return {
    userName: wordsOf(String(output.Username ?? "")),
    attributes: new Map(attributes.map(({ Name, Value }) => [wordsOf(String(Name)), wordsOf(String(Value))])),
    methods,
    preferred: methods.find((method) => METHODS[method].listed === output.PreferredMfaSetting),
  };
}

/** Sets up an authenticator app, and makes it the second factor that is asked for. */
export async function enrolAuthenticatorApp(context: SignInContext): Promise<void> {
  const { settings, say, signal } = context;
  const { accessToken, idToken } = await freshSession(settings, { signal, report: say });
  const userName = personOf(idToken)?.email ?? personOf(idToken)?.userName ?? "";
  await enrolByCode(context, { accessToken, userName });
  await setPreference(settings, accessToken, { totp: { Enabled: true, PreferredMfa: true } }, signal);
}

/** Makes a method the one that is asked for; the others that are set up stay. */
export async function preferMethod(
  { settings, say, signal }: Omit<SignInContext, "prompt" | "show">,
  method: Method,
): Promise<void> {
  const { accessToken } = await freshSession(settings, { signal, report: say });
  await setPreference(settings, accessToken, { [method]: { Enabled: true, PreferredMfa: true } }, signal);
}

/** Asks for no second factor any more, where the user pool leaves that to people. */
export async function turnMfaOff({ settings, say, signal }: Omit<SignInContext, "prompt" | "show">): Promise<void> {
  const { accessToken } = await freshSession(settings, { signal, report: say });
  const { methods } = await getUser(settings, accessToken, signal);
  const off = Object.fromEntries(methods.map((method) => [method, { Enabled: false, PreferredMfa: false }]));
  await setPreference(settings, accessToken, off, signal);
}

type Preference = { readonly Enabled: boolean; readonly PreferredMfa: boolean };

async function setPreference(
  settings: UserSettings,
  accessToken: Secret,
  preferences: Readonly<Partial<Record<Method, Preference>>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const named = Object.entries(preferences).map(([method, value]) => [METHODS[method as Method].setting, value]);
  if (named.length === 0) return;
  const input = { AccessToken: accessToken, ...Object.fromEntries(named) };
  await callCognito(
    settings,
    { service: "cognito_idp", name: "SetUserMFAPreference", input, occasion: "account" },
    { signal },
  );
}
