import { ClientError, RefusedError } from "../../core/errors";
import type { Secret } from "../../core/secret";
import { callCognito } from "../cognito/operation";
import type { UserSettings } from "../settings/user-settings";
import { freshSession, type RenewalOptions } from "./renewal";
import { readSession, removeSession, withSessionLocked } from "./session";

export interface SignOutOptions extends RenewalOptions {
  /** Also ends the person's sign-ins on other machines. */
  readonly everywhere: boolean;
}

const RETRY = { deadlineMs: 10_000 };

/**
 * Ends the profile's sign-in: revokes the refresh token and removes what is kept here, which happens in any case.
 * @returns whether anybody was signed in.
 * @throws {ClientError} where the user pool could not be told: what was signed in elsewhere, or copied, lives on.
 */
export async function signOut(settings: UserSettings, options: SignOutOptions): Promise<boolean> {
  if (readSession(settings) === undefined) return removeSession(settings);
  if (options.everywhere) await signOutEverywhere(settings, options);
  return withSessionLocked(
    settings,
    async () => {
      const session = readSession(settings);
      removeSession(settings);
      if (session && !options.everywhere) await revoke(settings, session.refreshToken, options.signal);
      return true;
    },
    options,
  );
}

/** Takes back a refresh token, and the access tokens that came of it. */
export async function revoke(settings: UserSettings, token: Secret, signal?: AbortSignal): Promise<void> {
  const input = { ClientId: settings.clientId, Token: token };
  try {
    await callCognito(
      settings,
      { service: "cognito_idp", name: "RevokeToken", input, occasion: "renewal" },
      { signal, retry: RETRY },
    );
  } catch (error) {
    // What has ended already needs no end.
    if (error instanceof RefusedError && ENDED.includes(error.code)) return;
    throw notTold(error, "the refresh token was removed here, but could not be revoked");
  }
}

const ENDED = ["NotAuthorizedException", "UserNotFoundException", "UnsupportedTokenTypeException"];

async function signOutEverywhere(settings: UserSettings, options: SignOutOptions): Promise<void> {
  const { accessToken } = await freshSession(settings, options);
  try {
    await callCognito(
      settings,
      { service: "cognito_idp", name: "GlobalSignOut", input: { AccessToken: accessToken }, occasion: "account" },
      { signal: options.signal, retry: RETRY },
    );
  } catch (error) {
    throw notTold(error, "nothing was signed out elsewhere, and this machine stays signed in");
  }
}

function notTold(error: unknown, what: string): unknown {
  if (!(error instanceof ClientError)) return error;
  const { message, code, exitCode, remedy } = error;
  return new ClientError(`${what}: ${message}`, code, exitCode, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  });
}
