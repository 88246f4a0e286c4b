import { SettingsError, UsageError } from "../core/errors";
import { Secret } from "../core/secret";
import type { Environment } from "../settings/settings-sources";
import { writeProcessProfile, writeStaticKeys } from "./aws/aws-profile";
import { signInByBrowser, signInByPastedAddress } from "./browser/browser-sign-in";
import { checkIdToken, type IdClaims } from "./cognito/id-token";
import type { Tokens } from "./cognito/tokens";
import type { UserCredentials } from "./session/cached-credentials";
import { longRole, newCredentials, requireLongSessions } from "./session/credential-renewal";
import {
  expiryOfTokens,
  prepareSessions,
  removeSession,
  sweepSessions,
  withSessionLocked,
  writeSession,
} from "./session/session";
import { revoke } from "./session/sign-out";
import { adoptUserSettings } from "./settings/configure";
import { loadUserSettings } from "./settings/find-settings";
import type { UserSettings } from "./settings/user-settings";
import type { SignInContext } from "./sign-in/questions";
import { signInAtTerminal } from "./sign-in/terminal-sign-in";

export interface LoginOptions extends Omit<SignInContext, "settings"> {
  readonly env: Environment;
  readonly profile?: string | undefined;
  readonly userName?: string | undefined;
  /** From --duration; an hour where it is left out. */
  readonly hours?: number | undefined;
  /** False with --no-browser. */
  readonly browser: boolean;
  /** True with --static. */
  readonly writeKeys: boolean;
  /** What starts this program. */
  readonly program: readonly string[];
  readonly open: (url: string) => void;
  readonly print: (line: string) => void;
}

type Way = "terminal" | "browser" | "pasted";

/** Signs a person in, keeps the session, gets AWS credentials and writes what AWS's tools find them by. */
export async function login(options: LoginOptions): Promise<void> {
  const { hours, print, say, signal, env } = options;
  const settings = settingsForLogin(options);
  const durationSeconds = hours === undefined || hours === 1 ? undefined : hours * 3600;
  if (durationSeconds !== undefined) requireLongSessions(settings, durationSeconds);
  prepareSessions(settings, say);
  const { tokens, nonce } = await signIn({ ...options, settings }, way(settings, options));
  let credentials: UserCredentials | undefined;
  try {
    const person = await begin(settings, { tokens, nonce, durationSeconds }, options);
    print(`signed in as ${nameOf(person)}`);
    if (settings.identityPoolId !== undefined) credentials = await newCredentials(settings, { signal, report: say });
  } catch (error) {
    // Whoever asked for long credentials shall not find out later that there are none.
    if (durationSeconds !== undefined) await undo(settings, tokens, signal);
    throw error;
  }
  if (credentials === undefined) {
    say("this user pool has no identity pool behind it: there are no AWS credentials to get");
    return;
  }
  print(`AWS credentials until ${credentials.expiration.toISOString()}`);
  if (options.writeKeys) writeStaticKeys(settings, credentials, { env, print });
  else if (options.profile !== undefined) writeProcessProfile(settings, { env, print, program: options.program });
  else print(`for AWS's tools: oidc-s3 user login --profile NAME, which they then take by AWS_PROFILE=NAME`);
}

/** A new profile is complete by itself from its first sign-in on: what runs later has neither this environment nor these flags. */
function settingsForLogin({ env, profile, say }: LoginOptions): UserSettings {
  const from = profile === undefined ? undefined : adoptUserSettings(env, profile);
  if (from !== undefined) say(`took the settings of ${from} for the profile ${profile}`);
  return loadUserSettings({ env, profile });
}

async function undo(settings: UserSettings, { refreshToken }: Tokens, signal: AbortSignal | undefined): Promise<void> {
  removeSession(settings);
  if (refreshToken) await revoke(settings, refreshToken, signal).catch(() => {});
}

/** With a name at the terminal; without one in the browser, where there are sign-in pages. */
function way({ domain, source }: UserSettings, { userName, browser }: LoginOptions): Way {
  if (userName !== undefined) {
    if (browser) return "terminal";
    throw new UsageError("-u signs in at the terminal, and --no-browser with the browser of another machine", {
      remedy: "Leave one of them out",
    });
  }
  if (domain !== undefined) return browser ? "browser" : "pasted";
  if (browser) return "terminal";
  throw new SettingsError([`${source} names no sign-in pages (domain), so there is none to open elsewhere`], {
    remedy: "Sign in at the terminal: -u NAME",
  });
}

async function signIn(
  context: SignInContext & Pick<LoginOptions, "userName" | "open">,
  by: Way,
): Promise<{ readonly tokens: Tokens; readonly nonce?: string }> {
  if (by === "browser") return signInByBrowser(context, context.open);
  if (by === "pasted") return signInByPastedAddress(context);
  const userName = context.userName ?? (await context.prompt.ask("User name: ")).trim();
  if (userName === "") throw new UsageError("no user name was given");
  const password = new Secret(await context.prompt.askHidden(`Password of ${userName} (not shown): `));
  return { tokens: await signInAtTerminal(context, { userName, password }) };
}

interface Begun {
  readonly tokens: Tokens;
  readonly nonce: string | undefined;
  readonly durationSeconds: number | undefined;
}

/** Keeps the session in the place of whoever was signed in before. */
async function begin(settings: UserSettings, begun: Begun, { signal, say }: LoginOptions): Promise<IdClaims> {
  const { tokens, nonce, durationSeconds } = begun;
  const now = Date.now();
  const person = checkIdToken(tokens.idToken, settings, { nonce, now: now - tokens.clockAheadSeconds * 1000 });
  if (durationSeconds !== undefined) longRole(settings, person.preferredRole, durationSeconds);
  const { idToken, accessToken, refreshToken = accessToken } = tokens;
  await withSessionLocked(
    settings,
    async () => {
      removeSession(settings);
      sweepSessions(settings);
      const expiresAt = expiryOfTokens(tokens, now);
      writeSession(settings, { idToken, accessToken, refreshToken, expiresAt, signedInAt: now, durationSeconds });
    },
    { signal, report: say },
  );
  return person;
}

/** How messages call a person. */
export function nameOf({ userName, email }: IdClaims): string {
  return email === undefined || email === userName ? userName : `${userName} (${email})`;
}
