import { CognitoFault, type Json } from "./fault";
import { changedTags } from "./user-pools";

/** Which role people get, as SetIdentityPoolRoles has it. */
export interface IdentityPoolRoles {
  readonly Roles: Readonly<Partial<Record<"authenticated" | "unauthenticated", string>>>;
  /** By identity provider: `cognito-idp.<region>.amazonaws.com/<user pool>:<app client>`. */
  readonly RoleMappings: Readonly<Record<string, RoleMapping>>;
}

export interface RoleMapping {
  readonly Type: "Token" | "Rules";
  /** What people get whose token names no one role. */
  readonly AmbiguousRoleResolution: "AuthenticatedRole" | "Deny";
}

interface IdentityPool {
  allowsClassicFlow: boolean;
  roles: IdentityPoolRoles;
  readonly principalTags: Map<string, Readonly<Record<string, string>>>;
  /** The pool's own, where they changed since it was made. */
  tags: Json | undefined;
}

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/.+$/;

/**
 * What the emulator does not know of identity pools: who gets which role, which claims become tags of a session, and
 * whether the basic flow is allowed. Whoever serves the sign-in reads it from here.
 */
export class IdentityPools {
  private readonly pools = new Map<string, IdentityPool>();

  /** After a pool was made or changed: what a request leaves out is off again, as in AWS. */
  put(id: string, allowsClassicFlow: boolean, tags?: Json): void {
    const roles = { Roles: {}, RoleMappings: {} };
    const pool = this.pools.get(id) ?? { allowsClassicFlow, roles, principalTags: new Map(), tags };
    pool.allowsClassicFlow = allowsClassicFlow;
    this.pools.set(id, pool);
  }

  delete(id: string): void {
    this.pools.delete(id);
  }

  allowsClassicFlow(id: string): boolean {
    return this.pools.get(id)?.allowsClassicFlow ?? false;
  }

  /** @throws {CognitoFault} where there is no such pool. */
  rolesOf(id: string): IdentityPoolRoles {
    return this.pool(id).roles;
  }

  /** Tags of a session by their keys, with the claims that they come from; none for a provider without any. */
  principalTagsOf(id: string, provider: string): Readonly<Record<string, string>> {
    return this.pool(id).principalTags.get(provider) ?? {};
  }

  /** @throws {CognitoFault} where there is no such pool, or where AWS refuses such roles. */
  setRoles(id: string, { Roles = {}, RoleMappings = {} }: Partial<IdentityPoolRoles>): void {
    const pool = this.pool(id);
    for (const [kind, arn] of Object.entries(Roles)) {
      if (!["authenticated", "unauthenticated"].includes(kind)) throw invalid(`Roles has the unknown key ${kind}`);
      if (!ROLE_ARN.test(String(arn))) throw invalid(`${String(arn)} is not the ARN of a role`);
    }
    for (const [provider, { Type, AmbiguousRoleResolution }] of Object.entries(RoleMappings)) {
      if (Type !== "Token" && Type !== "Rules")
        throw invalid(`the mapping of ${provider} has the unknown type ${Type}`);
      if (!["AuthenticatedRole", "Deny"].includes(AmbiguousRoleResolution))
        throw invalid(`the mapping of ${provider} needs an AmbiguousRoleResolution`);
    }
    pool.roles = { Roles, RoleMappings };
  }

  /** @throws {CognitoFault} where there is no such pool. */
  setPrincipalTags(id: string, provider: string, tags: Readonly<Record<string, string>>): void {
    this.pool(id).principalTags.set(provider, tags);
  }

  /** Changes the pool's own tags; undefined takes one away. @throws {CognitoFault} where there is no such pool. */
  tag(id: string, tags: Readonly<Record<string, string | undefined>>): void {
    const pool = this.pool(id);
    pool.tags = changedTags(pool.tags, tags);
  }

  /** The emulator's description of a pool, with what it has forgotten. */
  described(pool: Json): Json {
    const known = this.pools.get(String(pool.IdentityPoolId));
    const tags = known?.tags === undefined ? {} : { IdentityPoolTags: known.tags };
    return { ...pool, AllowClassicFlow: known?.allowsClassicFlow ?? false, ...tags };
  }

  private pool(id: string): IdentityPool {
    const pool = this.pools.get(id);
    if (pool === undefined) throw new CognitoFault("ResourceNotFoundException", `IdentityPool '${id}' not found.`);
    return pool;
  }
}

function invalid(message: string): CognitoFault {
  return new CognitoFault("InvalidParameterException", message);
}
