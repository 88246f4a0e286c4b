import type { ClientRole } from "../access/client-role";
import type { Scope } from "../access/permission-level";
import { VendingError } from "./errors";

export interface Grant {
  /** In the token and in the client's mapping. */
  readonly scopes: readonly Scope[];
  readonly durationSeconds: number;
  /** Networks that the credentials may be used from; any, where there are none. */
  readonly allowedCidrs?: readonly string[];
}

/**
 * What the credentials may do: the token is the grant, the mapping its ceiling. A token with more scopes than the
 * mapping is served with what both have.
 * @throws {VendingError} insufficient_scope where they have nothing in common.
 */
export function authorise(requested: readonly Scope[], role: ClientRole, durationSeconds: number | undefined): Grant {
  const scopes = requested.filter((scope) => role.allowedScopes.includes(scope));
  if (scopes.length === 0) throw new VendingError("scope_insufficient");
  return { scopes, durationSeconds: Math.min(durationSeconds ?? role.maxSessionDuration, role.maxSessionDuration) };
}
