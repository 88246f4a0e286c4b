import { RefusedError } from "../../core/errors";
import type { Secret } from "../../core/secret";
import type { UserSettings } from "../settings/user-settings";

/** What an ID token says of a person. */
export interface IdClaims {
  readonly subject: string;
  readonly userName: string;
  readonly email: string | undefined;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
  /** The role of the group that goes before the others; undefined where none does. */
  readonly preferredRole: string | undefined;
  readonly expiresAt: Date;
}

export interface Expected {
  /** That went with the request in the browser. */
  readonly nonce?: string | undefined;
  readonly now: number;
}

/** A clock may be this far behind without a token being taken for one that has expired. */
const LEEWAY_SECONDS = 60;

/**
 * The claims of a token that has just come from the user pool, over a connection whose certificate was checked: that
 * stands for its signature (OpenID Connect Core, 3.1.3.7, item 6), since a person's machine decides nothing by it; the
 * identity pool, which does, verifies it. What the connection does not tell is checked: that the token is of this pool, for
 * this client, an ID token, still valid, and the answer to this request.
 * @throws {RefusedError} where it is not.
 */
export function checkIdToken(token: Secret, { issuer, clientId, source }: UserSettings, expected: Expected): IdClaims {
  const claims = claimsOf(token) ?? {};
  const faults: string[] = [];
  const mismatch = (name: string, wanted: string): void => {
    if (claims[name] !== wanted) faults.push(`${name} is ${shown(claims[name])}, not ${wanted}`);
  };
  mismatch("token_use", "id");
  mismatch("iss", issuer);
  mismatch("aud", clientId);
  if (expected.nonce !== undefined && claims.nonce !== expected.nonce)
    faults.push("it does not answer this request (nonce)");
  const { exp } = claims;
  if (typeof exp !== "number" || exp + LEEWAY_SECONDS < expected.now / 1000) faults.push("it has expired");
  if (typeof claims.sub !== "string") faults.push("it names nobody (sub)");
  if (faults.length === 0) return personIn(claims);
  throw new RefusedError(`the ID token is not taken: ${faults.join(", ")}`, "bad_id_token", {
    service: "user pool",
    status: 200,
    remedy: `Check that the settings (${source}) are of one user pool and its app client, and this machine's clock`,
  });
}

/** What a token says, unchecked: for what only shows it. Undefined where it is no token. */
export function personOf(token: Secret): IdClaims | undefined {
  const claims = claimsOf(token);
  return claims && personIn(claims);
}

function claimsOf(token: Secret): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.reveal().split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function personIn(claims: Readonly<Record<string, unknown>>): IdClaims {
  const text = (name: string): string | undefined => {
    const value = claims[name];
    return typeof value === "string" ? value : undefined;
  };
  const texts = (name: string): string[] => {
    const value = claims[name];
    return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
  };
  const subject = text("sub") ?? "";
  return {
    subject,
    userName: text("cognito:username") ?? subject,
    email: text("email"),
    groups: texts("cognito:groups"),
    roles: texts("cognito:roles"),
    preferredRole: text("cognito:preferred_role"),
    expiresAt: new Date(Number(claims.exp) * 1000),
  };
}

function shown(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 100);
}
