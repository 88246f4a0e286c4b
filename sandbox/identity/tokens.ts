import { randomUUID } from "node:crypto";
import type { Claims, SigningKeys } from "../cognito/signing-key";
import type { Directory, DirectoryUser, Group, PoolClient } from "./directory";
import { type Origin, type RefreshTokens, SIGN_IN_SCOPE } from "./refresh-tokens";
import { notAuthorized } from "./service-error";

/** How the issuer of a pool's tokens is called. */
export function issuerOf(poolId: string): string {
  return `https://cognito-idp.${poolId.split("_")[0]}.amazonaws.com/${poolId}`;
}

export interface TokenPair {
  readonly idToken: string;
  readonly accessToken: string;
}

/** Makes the ID and access tokens of people, with the claims that Cognito gives them, and reads them again. */
export class Tokens {
  constructor(
    private readonly keys: SigningKeys,
    private readonly directory: Directory,
    private readonly refreshTokens: RefreshTokens,
    private readonly now: () => number,
  ) {}

  async issue(origin: Origin, client: PoolClient, user: DirectoryUser): Promise<TokenPair> {
    const groups = byPrecedence(await this.directory.groupsOf(user));
    const key = this.keys.of(issuerOf(user.poolId));
    const iat = Math.floor(this.now() / 1000);
    const common = {
      sub: user.sub,
      ...(groups.length === 0 ? {} : { "cognito:groups": groups.map(({ name }) => name) }),
      iss: issuerOf(user.poolId),
      ...(client.canRevoke ? { origin_jti: origin.originJti } : {}),
      event_id: origin.eventId,
      auth_time: origin.authTime,
      iat,
    };
    return {
      accessToken: key.sign({
        ...common,
        client_id: client.clientId,
        // Only tokens of the domain's pages have a version.
        ...(origin.scope === SIGN_IN_SCOPE ? {} : { version: 2 }),
        token_use: "access",
        scope: origin.scope,
        exp: iat + client.accessTokenSeconds,
        jti: randomUUID(),
        username: user.username,
      }),
      idToken: key.sign({
        ...attributeClaims(user, client),
        ...common,
        ...roleClaims(groups),
        "cognito:username": user.username,
        ...(origin.nonce === undefined ? {} : { nonce: origin.nonce }),
        aud: client.clientId,
        token_use: "id",
        exp: iat + client.idTokenSeconds,
        jti: randomUUID(),
      }),
    };
  }

  /**
   * Whose access token it is, for what people may ask about themselves.
   * @throws {ServiceError} for any other token, and for one that has expired or was revoked.
   */
  async ownerOf(accessToken: string, scope = SIGN_IN_SCOPE): Promise<{ user: DirectoryUser; claims: Claims }> {
    const claims = this.read(accessToken);
    if (claims?.token_use !== "access") throw notAuthorized("Invalid Access Token");
    if (this.isExpired(claims)) throw notAuthorized("Access Token has expired");
    if (this.refreshTokens.isRevoked(claims.origin_jti) && claims.origin_jti !== undefined) {
      throw notAuthorized("Access Token has been revoked");
    }
    if (!String(claims.scope).split(" ").includes(scope)) {
      throw notAuthorized("Access Token does not have required scopes");
    }
    const user = await this.directory.user(poolOf(claims), String(claims.username));
    if (user?.sub !== claims.sub || user === undefined) throw notAuthorized("Invalid Access Token");
    if (!user.enabled) throw notAuthorized("User is disabled.");
    return { user, claims };
  }

  /** The claims of a token of one of the pools here, expired or not; undefined for any other text. */
  read(token: string): Claims | undefined {
    const issuer = /^https:\/\/cognito-idp\.[\w-]+\.amazonaws\.com\/[\w-]+_\w+$/.exec(String(unverified(token)?.iss));
    return issuer === null ? undefined : this.keys.known(issuer[0])?.read(token);
  }

  isExpired(claims: Claims): boolean {
    return Number(claims.exp) * 1000 <= this.now();
  }
}

export function poolOf(claims: Claims): string {
  return String(claims.iss).split("/").at(-1) ?? "";
}

/** What a token says of itself: only for finding the key that must have signed it. */
export function unverified(token: string): Claims | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? (claims as Claims) : undefined;
  } catch {
    return undefined;
  }
}

/** The lowest number comes first; groups without a number come last. */
function byPrecedence(groups: readonly Group[]): Group[] {
  return [...groups].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
}

function rank({ precedence }: Group): number {
  return precedence ?? Number.MAX_SAFE_INTEGER;
}

/** Groups of the same lowest precedence with different roles leave it open which is preferred: then none is. */
function roleClaims(groups: readonly Group[]): Claims {
  const withRoles = groups.filter(({ roleArn }) => roleArn !== undefined);
  const [first] = withRoles;
  if (first === undefined) return {};
  const leading = new Set(withRoles.filter((group) => rank(group) === rank(first)).map(({ roleArn }) => roleArn));
  return {
    "cognito:roles": [...new Set(withRoles.map(({ roleArn }) => roleArn))],
    ...(leading.size === 1 ? { "cognito:preferred_role": first.roleArn } : {}),
  };
}

function attributeClaims({ attributes }: DirectoryUser, { readAttributes }: PoolClient): Claims {
  const readable = Object.entries(attributes).filter(
    ([name]) => name !== "sub" && (readAttributes === undefined || readAttributes.includes(name)),
  );
  return Object.fromEntries(
    readable.map(([name, value]) => [name, name.endsWith("_verified") ? value === "true" : value]),
  );
}
