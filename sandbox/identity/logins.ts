import type { Claims } from "../cognito/signing-key";
import type { IdentityPool, LoginProvider } from "./identity-pools";
import type { People } from "./people";
import { type Json, notAuthorized, object } from "./service-error";

/** Somebody whom an identity pool knows by an ID token. */
export interface Login {
  readonly provider: LoginProvider;
  readonly claims: Claims;
}

/**
 * Whose login a request brings; undefined for a guest.
 * @throws {ServiceError} for anything but a valid ID token of one of the identity pool's user pools and clients.
 */
export async function loginOf(input: Json, pool: IdentityPool, people: People): Promise<Login | undefined> {
  const [first, ...more] = Object.entries(object(input, "Logins"));
  if (first === undefined) {
    if (pool.allowsGuests) return undefined;
    throw notAuthorized("Unauthenticated access is not supported for this identity pool.");
  }
  if (more.length > 0) throw notAuthorized("The sandbox takes one login at a time.");
  const [name, token] = first;
  const providers = pool.providers.filter((provider) => provider.name === name);
  if (providers.length === 0) throw notAuthorized("Token is not from a supported provider of this identity pool.");
  const claims = people.tokens.read(String(token));
  if (claims === undefined) throw notAuthorized("Invalid login token. Couldn't verify signed token.");
  if (claims.iss !== `https://${name}`) throw notAuthorized("Invalid login token. Issuer doesn't match providerName");
  if (people.tokens.isExpired(claims)) {
    const now = Math.floor(people.now() / 1000);
    throw notAuthorized(`Invalid login token. Token expired: ${String(claims.exp)} >= ${now}`);
  }
  // The sentences below are not AWS's.
  if (claims.token_use !== "id") throw notAuthorized("Invalid login token. Not an ID token.");
  const provider = providers.find(({ clientId }) => clientId === claims.aud);
  if (provider === undefined) throw notAuthorized("Invalid login token. Incorrect token audience.");
  if (provider.checksUser) await checkUser(claims, people);
  return { provider, claims };
}

/** ServerSideTokenCheck: an ID token outlives much that ends the access of its user. */
async function checkUser(claims: Claims, people: People): Promise<void> {
  const { iss, sub, origin_jti: origin } = claims;
  const poolId = String(iss).split("/").at(-1) ?? "";
  const user = await people.directory.user(poolId, String(claims["cognito:username"]));
  if (user === undefined || user.sub !== sub) throw notAuthorized("Invalid login token. User does not exist.");
  if (!user.enabled) throw notAuthorized("Invalid login token. User is disabled.");
  if (origin !== undefined && people.refreshTokens.isRevoked(origin)) {
    throw notAuthorized("Invalid login token. Token has been revoked.");
  }
}
