import { createPublicKey, type JsonWebKey } from "node:crypto";
import { isJwks, type Jwk, type Jwks } from "aws-jwt-verify/jwk";
import { withTimeLimit } from "./deadline";
import { httpRequest, UnusableAnswerError } from "./http-request";
import { DEPENDENCY_LIMIT_MS, MAX_JWKS_BYTES } from "./limits";

/** A shorter RSA key must not be used with RS256: RFC 7518, section 3.3. */
const MIN_MODULUS_BITS = 2048;

/**
 * Fetches the user pool's keys, once, within its time limit. Redirects are not followed: the address is fixed.
 * @throws {UnusableAnswerError | TimeLimitError | Error} where there is no answer with a key in it.
 */
export async function fetchJwks(uri: string): Promise<Jwks> {
  return parseJwks(await withTimeLimit(DEPENDENCY_LIMIT_MS.jwks, (signal) => getText(uri, signal)));
}

async function getText(uri: string, signal: AbortSignal): Promise<string> {
  // No connection is kept: the next fetch is an hour away.
  const options = { agent: false, signal, headers: { accept: "application/json" }, maxBytes: MAX_JWKS_BYTES };
  const { status, text } = await httpRequest(new URL(uri), options);
  if (status !== 200) throw new UnusableAnswerError(`status ${status}`);
  return text;
}

/** Keeps the keys that can verify RS256 and no others: a key for encryption or another algorithm verifies no token. */
function parseJwks(text: string): Jwks {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UnusableAnswerError("not JSON");
  }
  if (!isJwks(value as Parameters<typeof isJwks>[0])) throw new UnusableAnswerError("not a JWKS");
  const keys = (value as Jwks).keys.filter(canVerifyRs256);
  if (keys.length === 0) throw new UnusableAnswerError("no RSA key for signatures");
  return { keys };
}

function canVerifyRs256(jwk: Jwk): boolean {
  const { kty, kid, use = "sig", alg = "RS256" } = jwk;
  if (kty !== "RSA" || !kid || use !== "sig" || alg !== "RS256") return false;
  try {
    const { asymmetricKeyDetails } = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    return (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_MODULUS_BITS;
  } catch {
    return false;
  }
}
