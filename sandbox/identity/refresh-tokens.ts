import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { DirectoryUser, PoolClient } from "./directory";
import { notAuthorized, ServiceError } from "./service-error";

/** One sign-in: all tokens that come of it carry its `originJti`, and are revoked together. */
export interface Origin {
  readonly originJti: string;
  readonly poolId: string;
  readonly username: string;
  readonly sub: string;
  readonly clientId: string;
  /** Seconds since 1970: when the person proved who they are. */
  readonly authTime: number;
  readonly eventId: string;
  readonly scope: string;
  /** OpenID Connect's, of a sign-in in the browser. */
  readonly nonce: string | undefined;
  revoked: boolean;
}

interface RefreshToken {
  readonly origin: Origin;
  readonly expires: number;
  /** Until when it works although there is a newer one. */
  worksUntil: number | undefined;
}

export const SIGN_IN_SCOPE = "aws.cognito.signin.user.admin";

/** The refresh tokens that are out: looked up by their hash, so that nothing here can be used as one. */
export class RefreshTokens {
  private readonly tokens = new Map<string, RefreshToken>();
  private readonly origins = new Map<string, Origin>();

  constructor(private readonly now: () => number) {}

  /** A new sign-in. */
  origin(client: PoolClient, user: DirectoryUser, startedAt: number, scope = SIGN_IN_SCOPE, nonce?: string): Origin {
    const origin: Origin = {
      originJti: randomUUID(),
      poolId: user.poolId,
      username: user.username,
      sub: user.sub,
      clientId: client.clientId,
      authTime: Math.floor(startedAt / 1000),
      eventId: randomUUID(),
      scope,
      nonce,
      revoked: false,
    };
    this.origins.set(origin.originJti, origin);
    return origin;
  }

  issue(origin: Origin, client: PoolClient, expires = this.now() + client.refreshTokenSeconds * 1000): string {
    const token = randomBytes(384).toString("base64url");
    this.tokens.set(hash(token), { origin, expires, worksUntil: undefined });
    return token;
  }

  /** @throws {ServiceError} where the token works no more, or never did, for this client. */
  use(token: string, client: PoolClient): Origin {
    return this.find(token, client).origin;
  }

  /** A new token in the place of one, valid as long as that would have been, which now works for the grace period only. */
  rotate(token: string, client: PoolClient): string {
    const found = this.find(token, client);
    found.worksUntil ??= this.now() + (client.rotationGraceSeconds ?? 0) * 1000;
    return this.issue(found.origin, client, found.expires);
  }

  /** The sign-in of a token; undefined for one that was never handed out. */
  originOf(token: string): Origin | undefined {
    return this.tokens.get(hash(token))?.origin;
  }

  isRevoked(originJti: unknown): boolean {
    return this.origins.get(String(originJti))?.revoked ?? true;
  }

  /** Ends every sign-in of a user, with all clients. */
  signOut({ poolId, sub }: DirectoryUser): void {
    for (const origin of this.origins.values()) {
      if (origin.poolId === poolId && origin.sub === sub) origin.revoked = true;
    }
  }

  private find(token: string, client: PoolClient): RefreshToken {
    const found = this.tokens.get(hash(token));
    if (found === undefined || found.origin.clientId !== client.clientId) throw notAuthorized("Invalid Refresh Token");
    if (found.origin.revoked) throw notAuthorized("Refresh Token has been revoked");
    if (found.expires <= this.now()) throw notAuthorized("Refresh Token has expired");
    if (found.worksUntil !== undefined && found.worksUntil <= this.now()) {
      // AWS documents the error's name, and not its sentence.
      throw new ServiceError("RefreshTokenReuseException", "Refresh token has been invalidated by rotation");
    }
    return found;
  }
}

function hash(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
