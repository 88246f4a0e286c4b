import type { Scope } from "../../access/permission-level";
import type { Secret } from "../core/secret";

export interface AccessToken {
  readonly value: Secret;
  /** Epoch milliseconds, by this machine's clock. */
  readonly obtainedAt: number;
  readonly lifeSeconds: number;
  /** The scopes of the resource server in the settings, without its identifier; undefined where the token is not readable. */
  readonly scopes: readonly Scope[] | undefined;
  /** See {@link HttpAnswer.clockAheadSeconds}. */
  readonly clockAheadSeconds: number | undefined;
}

/** What a bearer token consists of (RFC 6750, section 2.1): nothing that could end a header. */
export const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The token's `scope` claim (RFC 9068, section 2.2.3), for messages only: whoever is sent the token verifies it. */
export function scopeClaim(token: Secret): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.reveal().split(".")[1] ?? "", "base64url").toString("utf8"));
    const { scope } = claims as { scope?: unknown };
    return typeof scope === "string" ? scope : undefined;
  } catch {
    return undefined;
  }
}

/** How a token is printed: alone, as a header for `curl -H @-`, or as JSON. */
export type TokenForm = "token" | "header" | "json";

/** The token as text, secret and all: the result of a command, and nothing else. */
export function tokenText(token: AccessToken, form: TokenForm): string {
  const value = token.value.reveal();
  if (form === "token") return value;
  if (form === "header") return `Authorization: Bearer ${value}`;
  const expiresAt = expiryOf(token);
  // The names are those of the token endpoint's answer (RFC 6749, section 5.1), but for the moment.
  return JSON.stringify({
    access_token: value,
    token_type: "Bearer",
    expires_in: Math.max(0, Math.floor((expiresAt.getTime() - Date.now()) / 1000)),
    expires_at: expiresAt.toISOString(),
    scope: scopeClaim(token.value),
  });
}

/** When the token expires, by this machine's clock. */
export function expiryOf({ obtainedAt, lifeSeconds }: AccessToken): Date {
  return new Date(obtainedAt + lifeSeconds * 1000);
}
