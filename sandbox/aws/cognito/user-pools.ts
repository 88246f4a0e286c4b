import type { Json } from "./fault";

/** Of a user pool: fixed when it is made, or changed only by requests that name them. */
const LASTING = ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "UserPoolTags", "UserPoolTier"];
const DEFAULT_TIER = "ESSENTIALS";
const OF_DOMAINS = ["ManagedLoginVersion", "CustomDomainConfig"];

/** What the emulator forgets of user pools: a plan would replace each pool that was ever changed. */
export class UserPools {
  private readonly pools = new Map<string, Json>();
  private readonly domains = new Map<string, Json>();

  /** Remembers a pool that was made or changed by a request. */
  put(id: string, request: Json): void {
    this.pools.set(id, named(request, LASTING));
  }

  /** The request to change a pool, with what the emulator would otherwise drop. */
  completed(id: string, request: Json): Json {
    return { ...this.pools.get(id), ...request };
  }

  delete(id: string): void {
    this.pools.delete(id);
  }

  /** Changes tags; undefined takes one away. */
  tag(id: string, tags: Readonly<Record<string, string | undefined>>): void {
    const pool = this.pools.get(id) ?? {};
    this.pools.set(id, { ...pool, UserPoolTags: changedTags(pool.UserPoolTags, tags) });
  }

  /** The emulator's description of a pool, with what it does not know or has forgotten. */
  described(pool: Json): Json {
    return { UserPoolTier: DEFAULT_TIER, ...pool, ...this.pools.get(String(pool.Id)) };
  }

  /** Remembers a domain that was made or changed. */
  putDomain(request: Json): void {
    this.domains.set(String(request.Domain), named(request, OF_DOMAINS));
  }

  deleteDomain(name: string): void {
    this.domains.delete(name);
  }

  /** The emulator's description of a domain; empty, as in AWS, where there is none. */
  describedDomain(description: Json): Json {
    return { ...description, ...this.domains.get(String(description.Domain)) };
  }
}

/** Tags with some of them changed or, where they are undefined, taken away. */
export function changedTags(tags: unknown, changes: Readonly<Record<string, string | undefined>>): Json {
  const all = Object.entries({ ...(tags as Json | undefined), ...changes });
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

function named(request: Json, names: readonly string[]): Json {
  const present = names.filter((name) => request[name] !== undefined && request[name] !== null);
  return Object.fromEntries(present.map((name) => [name, request[name]]));
}
