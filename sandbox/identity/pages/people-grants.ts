import { TokenError } from "../../cognito/token-request";
import type { PoolClient } from "../directory";
import type { People } from "../people";
import { ServiceError } from "../service-error";
import type { TokenSet } from "../token-calls";
import type { AuthorizationCodes } from "./authorization-codes";

export type PeopleGrant = "authorization_code" | "refresh_token";

/** What the token endpoint gives for what people did: a code of the login page, or a refresh token. */
export class PeopleGrants {
  constructor(
    private readonly people: People,
    private readonly codes: AuthorizationCodes,
  ) {}

  /** @throws {TokenError} as Cognito refuses. The client has proved who it is. */
  async grant(kind: PeopleGrant, form: URLSearchParams, clientId: string): Promise<Readonly<Record<string, unknown>>> {
    const client = await this.people.directory.client(clientId);
    if (client === undefined) throw new TokenError("invalid_client");
    if (!client.oauthFlows.includes("code")) throw new TokenError("unauthorized_client");
    const set =
      kind === "authorization_code" ? await this.byCode(client, form) : await this.byRefreshToken(client, form);
    return {
      ...(set.scope.split(" ").includes("openid") ? { id_token: set.idToken } : {}),
      access_token: set.accessToken,
      ...(set.refreshToken === undefined ? {} : { refresh_token: set.refreshToken }),
      expires_in: client.accessTokenSeconds,
      token_type: "Bearer",
    };
  }

  /** RFC 7009: a token that is not there any more is as good as revoked. */
  async revoke(form: URLSearchParams, clientId: string): Promise<void> {
    const client = await this.people.directory.client(clientId);
    const token = form.get("token");
    if (client === undefined) throw new TokenError("invalid_client");
    if (!token) throw new TokenError("invalid_request", "token is missing");
    const origin = this.people.refreshTokens.originOf(token);
    if (origin !== undefined && origin.clientId !== clientId) throw new TokenError("unauthorized_client");
    if (origin !== undefined) origin.revoked = true;
  }

  private async byCode(client: PoolClient, form: URLSearchParams): Promise<TokenSet> {
    const { user, startedAt, request } = this.codes.redeem(client, form);
    const current = await this.people.directory.user(user.poolId, user.username);
    if (current?.sub !== user.sub || !current.enabled) throw new TokenError("invalid_grant");
    const origin = this.people.refreshTokens.origin(client, current, startedAt, request.scope, request.nonce);
    return this.people.tokenCalls.first(origin, client, current);
  }

  private async byRefreshToken(client: PoolClient, form: URLSearchParams): Promise<TokenSet> {
    const token = form.get("refresh_token");
    if (!token) throw new TokenError("invalid_request", "refresh_token is missing");
    try {
      return await this.people.tokenCalls.renew(token, client);
    } catch (error) {
      if (error instanceof ServiceError) throw new TokenError("invalid_grant");
      throw error;
    }
  }
}
