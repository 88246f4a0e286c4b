import type { Json } from "./fault";

/** Of a user pool: fixed when it is made, or changed only by requests that name them. */
const LASTING = ["AliasAttributes", "UsernameAttributes", "UsernameConfiguration", "UserPoolTags", "UserPoolTier"];
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

function named(request: Json, names: readonly string[]): Json {
  const present = names.filter((name) => request[name] !== undefined && request[name] !== null);
  return Object.fromEntries(present.map((name) => [name, request[name]]));
}
