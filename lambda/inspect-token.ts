import { VendingError } from "./errors";

/** Seconds that the clock of Cognito may be ahead of ours. An expiry has none: late is late. */
export const CLOCK_TOLERANCE_SECONDS = 5;

/** What the token says of itself. Good for refusing it, never for accepting it: nothing here is verified. */
export interface InspectedToken {
  readonly keyId: string;
  /** The `iat` claim: seconds since 1970. */
  readonly issuedAt: number;
  readonly clientId: string;
  /** The `scope` claim; empty where there is none. */
  readonly scope: string;
}

/**
 * Refuses every token that cannot be this pool's whatever its signature, so that garbage costs no call to Cognito.
 * @param now milliseconds.
 * @throws {VendingError} invalid_token.
 */
export function inspectToken(token: string, issuer: string, now: number): InspectedToken {
  const segments = token.split(".");
  const [header, payload, signature] = segments;
  if (segments.length !== 3 || !header || !payload || !signature) throw new VendingError("token_malformed");
  if (!segments.every(isCanonicalBase64Url)) throw new VendingError("token_malformed");
  const keyId = keyIdOf(jsonObject(header));
  return { keyId, ...inspectClaims(jsonObject(payload), issuer, now / 1000) };
}

/**
 * Base64url has several spellings of the same bytes (padding, the unused bits of the last character, characters that
 * decoders skip). Only the one that Cognito writes is accepted, so that one token is one string.
 */
function isCanonicalBase64Url(segment: string): boolean {
  return Buffer.from(segment, "base64url").toString("base64url") === segment;
}

function jsonObject(segment: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
  } catch {
    throw new VendingError("token_malformed");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new VendingError("token_malformed");
  return value as Record<string, unknown>;
}

function keyIdOf(header: Readonly<Record<string, unknown>>): string {
  if (header.alg !== "RS256") throw new VendingError("algorithm_not_allowed");
  // An extension that we do not know must be refused: RFC 7515, section 4.1.11. Cognito uses none.
  if (typeof header.kid !== "string" || header.kid === "" || header.crit !== undefined) {
    throw new VendingError("token_malformed");
  }
  return header.kid;
}

function inspectClaims(
  claims: Readonly<Record<string, unknown>>,
  issuer: string,
  now: number,
): Omit<InspectedToken, "keyId"> {
  if (claims.iss !== issuer) throw new VendingError("issuer_wrong");
  if (claims.token_use !== "access") throw new VendingError("token_use_wrong");
  const { exp, iat, nbf, client_id: clientId, scope = "" } = claims;
  // aws-jwt-verify takes a token without exp for one that never expires: here it must have one.
  if (!isTime(exp) || !isTime(iat) || !(nbf === undefined || isTime(nbf)) || typeof scope !== "string") {
    throw new VendingError("claims_malformed");
  }
  if (exp <= now) throw new VendingError("token_expired");
  if (Math.max(iat, nbf ?? iat) > now + CLOCK_TOLERANCE_SECONDS) throw new VendingError("token_not_yet_valid");
  if (typeof clientId !== "string" || clientId === "") throw new VendingError("client_id_missing");
  return { issuedAt: iat, clientId, scope };
}

/** Seconds since 1970 that a date can be made of: https://tc39.es/ecma262/#sec-time-values-and-time-range */
function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 && value <= 8.64e12;
}
