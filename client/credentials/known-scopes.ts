import { isScope, type Scope } from "../../access/permission-level";

/** The scopes as they stand in the cache; undefined where they are not known. */
export function knownScopes(value: unknown): readonly Scope[] | undefined {
  return Array.isArray(value) ? value.filter(isScope) : undefined;
}
