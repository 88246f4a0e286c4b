import { createHash, randomBytes } from "node:crypto";
import { ClientError, EXIT_CODES, RefusedError, SettingsError } from "../../core/errors";
import { Secret } from "../../core/secret";
import { sendRequest } from "../../network/http";
import { answerDetail, jsonObject, unavailable, unexpectedAnswer, wordsOf } from "../../network/service-answer";
import { signInCommand } from "../cognito/refusals";
import { type Tokens, tokensOfEndpoint } from "../cognito/tokens";
import type { UserSettings } from "../settings/user-settings";

const SERVICE = "sign-in page";

/** One sign-in by the authorization code grant (RFC 6749, section 4.1) with PKCE (RFC 7636). */
export interface Authorization {
  /** Where the person signs in. */
  readonly url: string;
  readonly redirectUri: string;
  /** Comes back with the code: only then it is the answer to this request. */
  readonly state: string;
  /** Comes back within the ID token. */
  readonly nonce: string;
  /** Without it the code is worth nothing. */
  readonly verifier: Secret;
}

/** Begins a sign-in whose answer comes to `redirectUri`. @throws {SettingsError} where there are no sign-in pages. */
export function startAuthorization(settings: UserSettings, redirectUri: string): Authorization {
  const verifier = randomBytes(32).toString("base64url");
  const [state, nonce] = [randomBytes(32).toString("base64url"), randomBytes(32).toString("base64url")];
  const url = new URL(`${requireDomain(settings)}/oauth2/authorize`);
  // No scope: Cognito then gives all that the app client has, and a client that was made elsewhere has others than ours.
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: settings.clientId,
    redirect_uri: redirectUri,
    state,
    nonce,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  return { url: url.href, redirectUri, state, nonce, verifier: new Secret(verifier) };
}

/**
 * The code in the address that the browser came back to.
 * @throws {ClientError} where it answers another request, or the sign-in was refused.
 */
export function codeIn(address: URL, { state }: Pick<Authorization, "state">): Secret {
  const { searchParams: parameters } = address;
  if (parameters.get("state") !== state) {
    throw new ClientError("this address answers another sign-in (state)", "state_mismatch", EXIT_CODES.refused, {
      remedy: "Sign in anew, and use the address that the browser shows at the end of it",
    });
  }
  const error = parameters.get("error");
  if (error !== null) {
    const description = parameters.get("error_description");
    throw new ClientError(
      `the sign-in was refused (${wordsOf(error)})${description === null ? "" : `: ${wordsOf(description)}`}`,
      "sign_in_refused",
      EXIT_CODES.refused,
      { remedy: "Try again, or ask an administrator what this app client may do" },
    );
  }
  const code = parameters.get("code");
  if (code !== null && /^[\x21-\x7e]{1,2000}$/.test(code)) return new Secret(code);
  throw new ClientError("this address has no code of a sign-in", "no_code", EXIT_CODES.refused, {
    remedy: "Use the whole address that the browser shows at the end of the sign-in",
  });
}

/** Trades the code for tokens; it works once. */
export async function exchangeCode(
  settings: UserSettings,
  { redirectUri, verifier }: Authorization,
  code: Secret,
  signal?: AbortSignal,
): Promise<Tokens> {
  const answer = await sendRequest({
    method: "POST",
    url: `${requireDomain(settings)}/oauth2/token`,
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      client_id: settings.clientId,
      code: code.reveal(),
      redirect_uri: redirectUri,
      code_verifier: verifier.reveal(),
    }).toString(),
    network: settings.network,
    place: settings.source,
    signal,
  });
  const body = jsonObject(answer);
  if (answer.status === 200) {
    const tokens = body && tokensOfEndpoint(body, answer.clockAheadSeconds ?? 0);
    if (tokens?.refreshToken !== undefined) return tokens;
    throw unexpectedAnswer(SERVICE, answer, settings.source, "not all of ID, access and refresh token in it");
  }
  const detail = answerDetail(SERVICE, answer);
  const said = typeof body?.error === "string" ? wordsOf(verifier.scrub(code.scrub(body.error))) : "";
  if (answer.status === 429 || answer.status >= 500)
    throw unavailable(SERVICE, said || "unavailable", `it answered ${answer.status}`, detail);
  if (said === "") throw unexpectedAnswer(SERVICE, answer, settings.source, "no OAuth error in it");
  throw new RefusedError(`the sign-in page refused the code (${said})`, said, {
    ...detail,
    remedy:
      said === "invalid_grant"
        ? `It works once, for a few minutes: sign in again: ${signInCommand(settings)}`
        : "Ask an administrator whether the app client is public and allows the code grant",
  });
}

function requireDomain({ domain, source }: UserSettings): string {
  if (domain !== undefined) return domain;
  throw new SettingsError([`${source} names no sign-in pages (domain)`], {
    remedy: "Sign in at the terminal: -u NAME",
  });
}
