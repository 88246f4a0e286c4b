import { timingSafeEqual } from "node:crypto";
import type { Finish } from "./challenge-sessions";
import type { Directory, DirectoryUser, PoolClient } from "./directory";
import type { Origin, RefreshTokens } from "./refresh-tokens";
import { checkSecretHash } from "./secret-hash";
import { type Json, notAuthorized, ServiceError, text } from "./service-error";
import type { Tokens } from "./tokens";

export interface TokenSet {
  readonly scope: string;
  readonly idToken: string;
  readonly accessToken: string;
  /** Undefined where the one before stays. */
  readonly refreshToken: string | undefined;
}

/** How tokens are first handed out, renewed and revoked, by Cognito's API as at the domain's token endpoint. */
export class TokenCalls {
  constructor(
    private readonly directory: Directory,
    private readonly tokens: Tokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /** What ends a sign-in by the API. */
  readonly finish: Finish = async (client, user, startedAt) => {
    const origin = this.refreshTokens.origin(client, user, startedAt);
    return { ChallengeParameters: {}, ...result(client, await this.first(origin, client, user)) };
  };

  async first(origin: Origin, client: PoolClient, user: DirectoryUser): Promise<TokenSet> {
    const pair = await this.tokens.issue(origin, client, user);
    return { ...pair, scope: origin.scope, refreshToken: this.refreshTokens.issue(origin, client) };
  }

  /** InitiateAuth with REFRESH_TOKEN_AUTH. */
  async refreshByFlow(parameters: Json, client: PoolClient): Promise<Json> {
    if (client.rotationGraceSeconds !== undefined) {
      // AWS documents the refusal, and not its sentence.
      throw notAuthorized("Refresh token rotation is enabled: use GetTokensFromRefreshToken");
    }
    const token = text(parameters, "REFRESH_TOKEN");
    const { username, sub } = this.refreshTokens.use(token, client);
    checkSecretHash(client, parameters, username, sub);
    return { ChallengeParameters: {}, ...result(client, await this.renew(token, client)) };
  }

  /** GetTokensFromRefreshToken: here a secret is sent as it is. */
  async getTokens(input: Json, client: PoolClient): Promise<Json> {
    checkSecret(client, input.ClientSecret);
    return result(client, await this.renew(text(input, "RefreshToken"), client));
  }

  /** New tokens for a refresh token. @throws {ServiceError} where it, or its user, is no longer good. */
  async renew(token: string, client: PoolClient): Promise<TokenSet> {
    const origin = this.refreshTokens.use(token, client);
    const user = await this.directory.user(origin.poolId, origin.username);
    if (user === undefined || user.sub !== origin.sub) throw notAuthorized("Refresh Token has been revoked");
    if (!user.enabled) throw notAuthorized("User is disabled.");
    const pair = await this.tokens.issue(origin, client, user);
    // Two requests at once may both have come this far: the second finds the token rotated out.
    const refreshToken =
      client.rotationGraceSeconds === undefined ? undefined : this.refreshTokens.rotate(token, client);
    return { ...pair, scope: origin.scope, refreshToken };
  }

  /** RevokeToken: ends the sign-in that a refresh token came of. */
  revoke(input: Json, client: PoolClient): Json {
    checkSecret(client, input.ClientSecret);
    if (!client.canRevoke) {
      throw new ServiceError("UnsupportedOperationException", "Token revocation is not enabled for this client");
    }
    const token = text(input, "Token");
    const origin = this.refreshTokens.originOf(token);
    if (origin === undefined) {
      if (this.tokens.read(token) === undefined) throw new ServiceError("InvalidParameterException", "Invalid token");
      throw new ServiceError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked");
    }
    if (origin.clientId !== client.clientId) throw new ServiceError("UnauthorizedException", "Invalid client");
    origin.revoked = true;
    return {};
  }
}

/** @throws {ServiceError} where the client has a secret and this is not it. */
export function checkSecret({ clientId, secret }: PoolClient, given: unknown): void {
  if (secret === undefined && given === undefined) return;
  const [a, b] = [Buffer.from(secret ?? ""), Buffer.from(typeof given === "string" ? given : "")];
  if (secret === undefined || a.length !== b.length || !timingSafeEqual(a, b)) {
    throw notAuthorized(`Invalid client secret for client ${clientId}`);
  }
}

function result(client: PoolClient, { idToken, accessToken, refreshToken }: TokenSet): Json {
  return {
    AuthenticationResult: {
      AccessToken: accessToken,
      IdToken: idToken,
      ...(refreshToken === undefined ? {} : { RefreshToken: refreshToken }),
      ExpiresIn: client.accessTokenSeconds,
      TokenType: "Bearer",
    },
  };
}
