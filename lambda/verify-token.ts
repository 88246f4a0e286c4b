import { validateCognitoJwtFields } from "aws-jwt-verify/cognito-verifier";
import { JwtBaseError } from "aws-jwt-verify/error";
import type { Jwks } from "aws-jwt-verify/jwk";
import { JwtVerifier } from "aws-jwt-verify/jwt-verifier";
import { type Deadline, TimeLimitError, withTimeLimit } from "./deadline";
import { VendingError } from "./errors";
import { CLOCK_TOLERANCE_SECONDS, inspectToken } from "./inspect-token";
import { DEPENDENCY_LIMIT_MS } from "./limits";
import type { PoolKeys } from "./pool-keys";

/** What a verified access token says. */
export interface VerifiedToken {
  readonly clientId: string;
  /** The `scope` claim: scopes with a space between. */
  readonly scope: string;
  /** The `iat` claim: seconds since 1970. */
  readonly issuedAt: number;
}

export type VerifyToken = (token: string, deadline: Deadline) => Promise<VerifiedToken>;

/**
 * Makes the function that verifies an access token of one user pool: RS256 signature by a key of the pool, issuer,
 * token use, times and client.
 * @throws {VendingError} invalid_token, or temporarily_unavailable where the pool's keys cannot be had.
 */
export function createTokenVerifier(issuer: string, keys: PoolKeys, now: () => number = Date.now): VerifyToken {
  // The verifier never fetches: verifySync uses the keys given to cacheJwks and no others.
  const verifier = JwtVerifier.create({
    issuer,
    audience: null,
    graceSeconds: CLOCK_TOLERANCE_SECONDS,
    customJwtCheck: ({ payload }) => validateCognitoJwtFields(payload, { tokenUse: "access", clientId: null }),
  });
  let loaded: Jwks | undefined;
  return async (token, deadline) => {
    const { keyId, issuedAt, clientId, scope } = inspectToken(token, issuer, now());
    const current = await keysWithin(deadline, () => keys.for(keyId, issuedAt));
    if (current !== loaded) {
      // Also drops the key objects made of earlier keys, which a new key of the same id must not hide behind.
      verifier.cacheJwks(current);
      loaded = current;
    }
    try {
      verifier.verifySync(token);
    } catch (error) {
      if (error instanceof JwtBaseError) throw new VendingError("signature_invalid");
      throw error;
    }
    return { clientId, scope, issuedAt };
  };
}

/** The fetch has a limit of its own; this one is for an invocation that comes late, or waits for another's fetch. */
async function keysWithin(deadline: Deadline, getKeys: () => Promise<Jwks>): Promise<Jwks> {
  const limit = Math.min(DEPENDENCY_LIMIT_MS.jwks + 100, deadline.remainingMs());
  try {
    return await withTimeLimit(limit, getKeys);
  } catch (error) {
    if (error instanceof TimeLimitError) throw new VendingError("keys_unavailable", { detail: error.name }, 1);
    throw error;
  }
}
