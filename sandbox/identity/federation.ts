import { createHash, randomUUID } from "node:crypto";
import type { WebIdentity } from "../../iam/web-identity";
import type { IdentityPool, IdentityPools } from "./identity-pools";
import { type Login, loginOf } from "./logins";
import type { OpenIdTokens } from "./open-id-tokens";
import type { People } from "./people";
import { chooseRole } from "./role-choice";
import type { RoleSessionIssuer } from "./role-sessions";
import { invalidParameter, type Json, notAuthorized, optionalText, ServiceError, text } from "./service-error";

const ONE_HOUR_SECONDS = 3600;

interface Identity {
  readonly id: string;
  readonly poolId: string;
  /** The issuer and `sub`; undefined for a guest. */
  readonly owner: string | undefined;
}

export interface FederationParts {
  readonly people: People;
  readonly pools: IdentityPools;
  readonly openIdTokens: OpenIdTokens;
  readonly sessions: RoleSessionIssuer;
}

/** Identity pools: who somebody is to AWS, and the credentials that come of it. */
export class Federation {
  readonly calls: Readonly<Record<string, (input: Json) => Promise<Json>>> = {
    GetId: (input) => this.getId(input),
    GetOpenIdToken: (input) => this.getOpenIdToken(input),
    GetCredentialsForIdentity: (input) => this.getCredentials(input),
  };
  private readonly identities = new Map<string, Identity>();

  constructor(private readonly parts: FederationParts) {}

  private async getId(input: Json): Promise<Json> {
    const pool = await this.pool(text(input, "IdentityPoolId"));
    const login = await loginOf(input, pool, this.parts.people);
    const owner = ownerOf(login);
    const region = pool.id.split(":")[0];
    // The same person is the same identity, in every session and after every restart of a client.
    const id = `${region}:${owner === undefined ? randomUUID() : stableId(pool.id, owner)}`;
    this.identities.set(id, { id, poolId: pool.id, owner });
    return { IdentityId: id };
  }

  /** The first step of the basic flow. */
  private async getOpenIdToken(input: Json): Promise<Json> {
    const { pool, login, identity } = await this.identify(input);
    if (!pool.allowsBasicFlow) {
      throw invalidParameter("Basic (classic) flow is not enabled, please use enhanced flow.");
    }
    const token = this.parts.openIdTokens.sign(await this.webIdentity(pool, login, identity));
    return { IdentityId: identity.id, Token: token };
  }

  /** The enhanced flow. */
  private async getCredentials(input: Json): Promise<Json> {
    const { pool, login, identity } = await this.identify(input);
    const roleArn = chooseRole(pool, login, optionalText(input, "CustomRoleArn"));
    const who = await this.webIdentity(pool, login, identity);
    const issued = await this.parts.sessions.assume(who, {
      roleArn,
      sessionName: "CognitoIdentityCredentials",
      seconds: ONE_HOUR_SECONDS,
    });
    if (issued === "untrusted") {
      throw new ServiceError(
        "InvalidIdentityPoolConfigurationException",
        "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
      );
    }
    const { accessKeyId, secretAccessKey, sessionToken, expires } = issued;
    return {
      IdentityId: identity.id,
      Credentials: {
        AccessKeyId: accessKeyId,
        SecretKey: secretAccessKey,
        SessionToken: sessionToken,
        Expiration: Math.floor(expires / 1000),
      },
    };
  }

  private async identify(input: Json): Promise<{ pool: IdentityPool; login: Login | undefined; identity: Identity }> {
    const id = text(input, "IdentityId");
    const identity = this.identities.get(id);
    if (identity === undefined) throw new ServiceError("ResourceNotFoundException", `Identity '${id}' not found.`);
    const pool = await this.pool(identity.poolId);
    const login = await loginOf(input, pool, this.parts.people);
    if (ownerOf(login) !== identity.owner) {
      throw notAuthorized(
        "Logins don't match. Please include at least one valid login for this identity or identity pool.",
      );
    }
    return { pool, login, identity };
  }

  private async webIdentity(pool: IdentityPool, login: Login | undefined, identity: Identity): Promise<WebIdentity> {
    const common = { sub: identity.id, aud: pool.id };
    if (login === undefined) return { ...common, amr: ["unauthenticated"], tags: {} };
    const { provider, claims } = login;
    const mapped = Object.entries(await this.parts.pools.principalTags(pool.id, provider.name));
    const tags = mapped.flatMap(([key, claim]) => (typeof claims[claim] === "string" ? [[key, claims[claim]]] : []));
    return {
      ...common,
      amr: ["authenticated", provider.name, `${provider.name}:CognitoSignIn:${String(claims.sub)}`],
      tags: Object.fromEntries(tags),
    };
  }

  private async pool(id: string): Promise<IdentityPool> {
    const pool = await this.parts.pools.find(id);
    if (pool === undefined) throw new ServiceError("ResourceNotFoundException", `IdentityPool '${id}' not found.`);
    return pool;
  }
}

function ownerOf(login: Login | undefined): string | undefined {
  return login && `${String(login.claims.iss)} ${String(login.claims.sub)}`;
}

function stableId(poolId: string, owner: string): string {
  const hex = createHash("sha256").update(`${poolId} ${owner}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}
