import { Secret } from "../../core/secret";
import { TOKEN } from "../../credentials/access-token";
import type { Json } from "../../settings/terraform-outputs";

/** What a sign-in or a renewal gives. */
export interface Tokens {
  readonly idToken: Secret;
  readonly accessToken: Secret;
  /** Undefined where the old one stays, as after a renewal without rotation. */
  readonly refreshToken: Secret | undefined;
  readonly lifeSeconds: number;
  /** See {@link HttpAnswer.clockAheadSeconds}. */
  readonly clockAheadSeconds: number;
}

const API = { id: "IdToken", access: "AccessToken", refresh: "RefreshToken", life: "ExpiresIn" } as const;
const OAUTH = { id: "id_token", access: "access_token", refresh: "refresh_token", life: "expires_in" } as const;

/** The tokens in an AuthenticationResult of Cognito's API; undefined where they are not all there. */
export function tokensOfApi(result: unknown, clockAheadSeconds: number): Tokens | undefined {
  return tokensIn(result as Json | undefined, API, clockAheadSeconds);
}

/** The tokens in an answer of the token endpoint; undefined where they are not all there. */
export function tokensOfEndpoint(answer: Json, clockAheadSeconds: number): Tokens | undefined {
  return tokensIn(answer, OAUTH, clockAheadSeconds);
}

function tokensIn(
  values: Json | undefined,
  names: Readonly<Record<keyof typeof API, string>>,
  clockAheadSeconds: number,
): Tokens | undefined {
  const token = (name: string): Secret | undefined => {
    const value = values?.[name];
    return typeof value === "string" && TOKEN.test(value) ? new Secret(value) : undefined;
  };
  const [idToken, accessToken] = [token(names.id), token(names.access)];
  const lifeSeconds = values?.[names.life];
  if (idToken === undefined || accessToken === undefined || typeof lifeSeconds !== "number" || !(lifeSeconds > 0))
    return undefined;
  return { idToken, accessToken, refreshToken: token(names.refresh), lifeSeconds, clockAheadSeconds };
}
