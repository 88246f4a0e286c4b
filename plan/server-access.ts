import { type ClientRole, ClientRoleItemError, parseClientRoleItem } from "../access/client-role";
import { isScope, type Scope } from "../access/permission-level";
import { type Grants, grantsOf, joinGrants } from "./grants";
import type { ServerAddress } from "./server-address";
import type { ResourceChange } from "./terraform-plan";

/** What the resources of one server say of its access, before or after the plan; undefined is not known yet. */
export interface ServerAccessView {
  readonly grants: Grants | undefined;
  readonly trust: Grants | undefined;
  readonly clientScopes: ReadonlySet<Scope> | undefined;
  readonly accessTokenMinutes: number | undefined;
  readonly mapping: ClientRole | undefined;
  readonly permissionsBoundary: string | undefined;
}

export type Side = "before" | "after";
export type ServerChanges = readonly { readonly part: ServerAddress["part"]; readonly change: ResourceChange }[];

/** Reads one side of a server's changes. A resource that is not there on that side gives nothing. */
export function serverAccessView(changes: ServerChanges, side: Side): ServerAccessView {
  const of = (...parts: ServerAddress["part"][]) => changes.filter(({ part }) => parts.includes(part));
  const [role] = of("role");
  const [client] = of("client");
  const [mapping] = of("mapping");
  const policies = of("s3_objects", "s3_list").map(({ change }) => policyGrants(change, "policy", side));
  return {
    grants: policies.includes(undefined) ? undefined : joinGrants(policies as Grants[]),
    trust: role && policyGrants(role.change, "assume_role_policy", side),
    clientScopes: client && clientScopes(client.change[side]),
    accessTokenMinutes: client && accessTokenMinutes(client.change[side]),
    mapping: mapping && clientRole(mapping.change[side]),
    permissionsBoundary: (role?.change[side]?.permissions_boundary as string | null | undefined) || undefined,
  };
}

/**
 * What a policy in an attribute grants on one side; nothing where the resource is not there, undefined where the policy
 * is not known, or marked as sensitive and so not to be shown.
 */
export function policyGrants(change: ResourceChange, attribute: string, side: Side): Grants | undefined {
  const values = change[side];
  if (values === null) return grantsOf('{"Statement":[]}');
  const sensitive = (side === "before" ? change.beforeSensitive : change.afterSensitive) as Record<string, unknown>;
  const policy = values[attribute];
  if (sensitive?.[attribute] === true || typeof policy !== "string") return undefined;
  try {
    return grantsOf(policy);
  } catch {
    return undefined;
  }
}

function clientScopes(values: ResourceChange["before"]): Set<Scope> {
  const scopes = (values?.allowed_oauth_scopes as string[] | null | undefined) ?? [];
  return new Set(scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1)).filter(isScope));
}

const MINUTES: Readonly<Record<string, number>> = { seconds: 1 / 60, minutes: 1, hours: 60, days: 1440 };

function accessTokenMinutes(values: ResourceChange["before"]): number | undefined {
  const validity = values?.access_token_validity;
  const [units] = (values?.token_validity_units as { access_token?: string | null }[] | null | undefined) ?? [];
  // Without a unit Cognito counts hours.
  return typeof validity === "number" ? validity * (MINUTES[units?.access_token ?? "hours"] ?? 60) : undefined;
}

function clientRole(values: ResourceChange["before"]): ClientRole | undefined {
  if (typeof values?.item !== "string") return undefined;
  try {
    return parseClientRoleItem(JSON.parse(values.item) as Record<string, unknown>);
  } catch (error) {
    // An item that somebody else wrote: Terraform's own plan shows it, there is nothing to say of it in words.
    if (error instanceof ClientRoleItemError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
