import { type ClientError, RefusedError, SignInNeededError } from "../../core/errors";
import { singleFlight } from "../../credentials/single-flight";
import { withRetries } from "../../network/service-answer";
import { checkIdToken } from "../cognito/id-token";
import { callCognito, lacking, type Operation } from "../cognito/operation";
import { signInCommand } from "../cognito/refusals";
import { type Tokens, tokensOfApi } from "../cognito/tokens";
import type { UserSettings } from "../settings/user-settings";
import {
  expiryOfTokens,
  isFresh,
  prepareSessions,
  requireSession,
  type Session,
  sessionLockName,
  writeSession,
} from "./session";

export interface RenewalOptions {
  readonly signal?: AbortSignal | undefined;
  readonly report: (message: string) => void;
  /** True: a recent sign-in is renewed all the same, so that what has changed since is in its tokens. */
  readonly anew?: boolean | undefined;
}

/** Well below the time after which a lock's holder counts as hung. */
const DEADLINE_MS = 20_000;

/**
 * The session with tokens that may be used: as it is on the disk, or renewed, by one process at a time for all.
 * @throws {SignInNeededError} where nobody is signed in, or not any more.
 */
export async function freshSession(settings: UserSettings, options: RenewalOptions): Promise<Session> {
  const session = requireSession(settings);
  if (isFresh(session) && !options.anew) return session;
  const began = session.refreshToken.reveal();
  const arrived = (): Session | undefined => {
    const held = requireSession(settings);
    return isFresh(held) && !(options.anew && held.refreshToken.reveal() === began) ? held : undefined;
  };
  return singleFlight({
    folder: prepareSessions(settings, options.report),
    name: sessionLockName(settings),
    signal: options.signal,
    look: arrived,
    work: () =>
      withRetries(async () => arrived() ?? (await renew(settings, options)), {
        deadlineMs: DEADLINE_MS,
        signal: options.signal,
      }),
  });
}

/**
 * One renewal. The session is read anew each time: a process that slept may find that another has gone on without it.
 * It is written before, so that a disk that takes nothing is noticed while the old refresh token still counts.
 */
async function renew(settings: UserSettings, { signal }: RenewalOptions): Promise<Session> {
  const held = requireSession(settings);
  const isRepeat = held.renewalBegunAt !== undefined;
  writeSession(settings, { ...held, renewalBegunAt: held.renewalBegunAt ?? Date.now() });
  let renewed: Renewed;
  try {
    renewed = await request(settings, held, signal);
  } catch (error) {
    if (error instanceof RefusedError) throw ended(settings, error, isRepeat);
    throw error;
  }
  const { tokens, rotates } = renewed;
  checkIdToken(tokens.idToken, settings, { now: Date.now() - tokens.clockAheadSeconds * 1000 });
  const now = requireSession(settings);
  // Whoever renewed meanwhile has the newer token; and somebody may have signed in anew.
  if (now.refreshToken.reveal() !== held.refreshToken.reveal()) return now;
  const { renewalBegunAt, ...rest } = held;
  const session: Session = {
    ...rest,
    idToken: tokens.idToken,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken ?? held.refreshToken,
    expiresAt: expiryOfTokens(tokens),
    rotates,
  };
  writeSession(settings, session);
  return session;
}

interface Renewed {
  readonly tokens: Tokens;
  readonly rotates: boolean;
}

/** By the operation that rotates, unless the app client is known not to; a pool that was made elsewhere may not. */
async function request(settings: UserSettings, held: Session, signal: AbortSignal | undefined): Promise<Renewed> {
  const first = held.rotates !== false;
  try {
    return await requestBy(settings, held, first, signal);
  } catch (error) {
    if (!(error instanceof RefusedError) || !isOtherKind(error)) throw error;
    return requestBy(settings, held, !first, signal);
  }
}

/** The app client wants the other operation. */
function isOtherKind({ code, message }: ClientError): boolean {
  return (
    code === "UnsupportedOperationException" ||
    code === "UnknownOperationException" ||
    (code === "InvalidParameterException" && /rotat|REFRESH_TOKEN|not enabled|flow/i.test(message))
  );
}

async function requestBy(
  settings: UserSettings,
  { refreshToken }: Session,
  rotates: boolean,
  signal: AbortSignal | undefined,
): Promise<Renewed> {
  const { clientId } = settings;
  const operation: Operation = {
    service: "cognito_idp",
    occasion: "renewal",
    ...(rotates
      ? { name: "GetTokensFromRefreshToken", input: { ClientId: clientId, RefreshToken: refreshToken } }
      : {
          name: "InitiateAuth",
          input: {
            AuthFlow: "REFRESH_TOKEN_AUTH",
            ClientId: clientId,
            AuthParameters: { REFRESH_TOKEN: refreshToken },
          },
        }),
  };
  const { output, clockAheadSeconds } = await callCognito(settings, operation, { signal });
  const tokens = tokensOfApi(output.AuthenticationResult, clockAheadSeconds);
  if (tokens === undefined) throw lacking(settings, operation, "tokens");
  return { tokens, rotates };
}

/** What the refusal of a refresh token means: nothing but a person helps now. */
function ended(settings: UserSettings, error: RefusedError, isRepeat: boolean): ClientError {
  if (!["NotAuthorizedException", "RefreshTokenReuseException", "UserNotFoundException"].includes(error.code))
    return error;
  const { message, remedy = `Sign in again: ${signInCommand(settings)}` } = error;
  const why = isRepeat ? "; an earlier renewal was cut off, and what it gave is lost" : "";
  return new SignInNeededError(`${message}${why}`, { remedy, cause: error });
}
