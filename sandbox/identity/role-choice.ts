import type { Claims } from "../cognito/signing-key";
import type { IdentityPool, RoleMapping, RoleRule } from "./identity-pools";
import type { Login } from "./logins";
import { invalidParameter, notAuthorized, ServiceError } from "./service-error";

/**
 * The role that somebody gets in the enhanced flow.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/role-based-access-control.html
 * @param custom CustomRoleArn: the role that the request names.
 * @throws {ServiceError} where there is none, or where the token does not hold the one that is asked for.
 */
export function chooseRole(pool: IdentityPool, login: Login | undefined, custom: string | undefined): string {
  if (login === undefined) return configured(pool.roles.unauthenticated);
  const mapping = pool.mappings[`${login.provider.name}:${login.provider.clientId}`];
  if (mapping === undefined) {
    if (custom !== undefined) throw invalidParameter("CustomRoleArn needs a role mapping of the identity pool.");
    return configured(pool.roles.authenticated);
  }
  const chosen = mapping.type === "Rules" ? byRules(mapping.rules, login.claims) : byToken(login.claims, custom);
  if (chosen !== undefined) return chosen;
  return ambiguous(pool, mapping);
}

function byToken(claims: Claims, custom: string | undefined): string | undefined {
  const { "cognito:roles": roles, "cognito:preferred_role": preferred } = claims;
  const named = Array.isArray(roles) ? roles.map(String) : [];
  if (custom !== undefined) {
    if (named.includes(custom)) return custom;
    throw notAuthorized("The role that is asked for is not among the roles of the token.");
  }
  if (typeof preferred === "string") return preferred;
  return named.length === 1 ? named[0] : undefined;
}

function byRules(rules: readonly RoleRule[], claims: Claims): string | undefined {
  return rules.find(({ claim, match, value }) => {
    const found = claims[claim];
    if (found === undefined) return false;
    const text = Array.isArray(found) ? found.join(",") : String(found);
    switch (match) {
      case "Equals":
        return text === value;
      case "NotEqual":
        return text !== value;
      case "StartsWith":
        return text.startsWith(value);
      case "Contains":
        return text.includes(value);
      default:
        return false;
    }
  })?.roleArn;
}

function ambiguous(pool: IdentityPool, mapping: RoleMapping): string {
  if (mapping.ambiguous === "AuthenticatedRole") return configured(pool.roles.authenticated);
  throw notAuthorized("The token names no role, or several of which none is preferred.");
}

function configured(role: string | undefined): string {
  if (role !== undefined) return role;
  throw new ServiceError(
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
  );
}
