import { scopesInClaim } from "../../access/permission-level";
import { type AnswerError, RefusedError } from "../core/errors";
import { Secret } from "../core/secret";
import { type HttpAnswer, sendRequest } from "../network/http";
import { answerDetail, jsonObject, unavailable, unexpectedAnswer, wordsOf } from "../network/service-answer";
import { clientSources, settingPlace, tokenEndpointPlace } from "../settings/places";
import type { TokenSettings } from "../settings/settings";
import { type AccessToken, scopeClaim, TOKEN } from "./access-token";

const SERVICE = "token endpoint";

export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for the exchange. */
  readonly timeoutMs?: number | undefined;
}

/**
 * One request for an access token by the client credentials grant (RFC 6749, section 4.4); Cognito bills each.
 * @param scopes the scopes to ask for, as OAuth has them; by default all that the client has.
 * @throws {RefusedError} wrong id or secret, scope not allowed.
 * @throws {UnavailableError} throttled, down, or not the token endpoint's answer.
 * @throws {UnreachableError} no answer.
 */
export async function requestToken(
  settings: TokenSettings,
  scopes?: readonly string[],
  options: RequestOptions = {},
): Promise<AccessToken> {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scopes) form.set("scope", scopes.join(" "));
  const answer = await sendRequest({
    method: "POST",
    url: settings.tokenEndpoint,
    headers: {
      authorization: `Basic ${basicAuth(settings).reveal()}`,
      "content-type": "application/x-www-form-urlencoded",
      accept: "application/json",
    },
    body: form.toString(),
    network: settings.network,
    place: tokenEndpointPlace(settings),
    ...options,
  });
  const body = jsonObject(answer);
  if (answer.status !== 200) throw refusal(settings, answer, body, scopes);
  const { access_token: value, expires_in: life } = body ?? {};
  if (typeof value !== "string" || !TOKEN.test(value) || typeof life !== "number" || !(life > 0)) {
    throw unexpectedAnswer(SERVICE, answer, tokenEndpointPlace(settings), "no access token in it");
  }
  const secret = new Secret(value);
  const claim = scopeClaim(secret);
  return {
    value: secret,
    obtainedAt: Date.now(),
    lifeSeconds: life,
    scopes: claim === undefined ? undefined : scopesInClaim(claim, settings.resourceServer),
    clockAheadSeconds: answer.clockAheadSeconds,
  };
}

function basicAuth({ clientId, clientSecret }: TokenSettings): Secret {
  return new Secret(Buffer.from(`${clientId}:${clientSecret.reveal()}`, "utf8").toString("base64"));
}

function refusal(
  settings: TokenSettings,
  answer: HttpAnswer,
  body: Readonly<Record<string, unknown>> | undefined,
  scopes: readonly string[] | undefined,
): AnswerError {
  const detail = answerDetail(SERVICE, answer);
  // It was sent the secret, and may echo it, alone or as the Basic auth that it was sent in.
  const { clientSecret } = settings;
  const code =
    typeof body?.error === "string" ? wordsOf(basicAuth(settings).scrub(clientSecret.scrub(body.error))) : "";
  if (answer.status === 429) return unavailable(SERVICE, "throttled", "too many requests", detail);
  if (answer.status >= 500)
    return unavailable(SERVICE, "temporarily_unavailable", `it answered ${answer.status}`, detail);
  switch (code) {
    case "invalid_client":
      return new RefusedError("the token endpoint refused the client id and secret", code, {
        ...detail,
        remedy:
          `Check ${clientSources(settings.sources)
            .map(([what, where]) => `${what} (${where})`)
            .join(" and ")}, and that ${tokenEndpointPlace(settings)} is of the same environment; ` +
          "after a rotation ask the platform team for the new secret",
      });
    case "invalid_scope":
      return new RefusedError(
        `the token endpoint refused the scopes${scopes ? ` ${scopeNames(settings, scopes).join(", ")}` : ""}`,
        code,
        { ...detail, remedy: scopeRemedy(settings, scopes) },
      );
    case "":
      return unexpectedAnswer(SERVICE, answer, tokenEndpointPlace(settings), "no OAuth error in it");
    default:
      return new RefusedError(`the token endpoint refused the request: ${code}`, code, {
        ...detail,
        remedy: "Ask the platform team whether this app client may use the client credentials grant",
      });
  }
}

/** The scopes as a server's commands name them: those of its own resource server without the identifier. */
function scopeNames({ resourceServer }: TokenSettings, scopes: readonly string[]): string[] {
  const own = `${resourceServer}/`;
  return scopes.map((scope) => (scope.startsWith(own) ? scope.slice(own.length) : scope));
}

function scopeRemedy(settings: TokenSettings, scopes: readonly string[] | undefined): string {
  if (scopes?.some((scope) => !scope.includes("/"))) return "A scope is whole, as in IDENTIFIER/NAME";
  const { resourceServer } = settings;
  if (resourceServer === "") return "Ask only for scopes that this client was given, each whole, as in IDENTIFIER/NAME";
  return `Ask only for scopes that this server was onboarded with, and check ${settingPlace(settings, "resourceServer")}: it is ${resourceServer}`;
}
