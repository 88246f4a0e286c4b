import { SERVER_RESOURCES, type ServerResource } from "../access/addresses";
import { type ClientRole, ClientRoleItemError, MAX_SESSION_SECONDS, parseClientRoleItem } from "../access/client-role";
import { isScope, SCOPES, type Scope } from "../access/permission-level";
import { conjunction, grantFindings, scopesInGrants } from "./grant-words";
import { type Grants, grantChange, joinGrants, NO_GRANTS, policyGrants, type Side } from "./grants";
import { type Finding, widening } from "./report";
import type { ChangeKind, ResourceChange } from "./terraform-plan";
import { accessTokenMinutes } from "./token-lifetime";

/** A resource of one server, in our stacks or in the original Terraform modules. In each, a server's resources share a key. */
export interface ServerAddress {
  readonly key: string;
  readonly part: ServerResource;
}

/** Which server an address of the servers layer belongs to, in our stacks or in the original Terraform modules. */
export function serverAddress(address: string): ServerAddress | undefined {
  const [, moduleKey, inModule] = /^module\.server_access\[("(?:[^"\\]|\\.)*")\]\.(.+?)(?:\[0\])?$/.exec(address) ?? [];
  for (const [part, start] of Object.entries(SERVER_RESOURCES) as [ServerResource, string][]) {
    if (moduleKey !== undefined && inModule === start) return { key: JSON.parse(moduleKey) as string, part };
    if (address.startsWith(`${start}_`)) return { key: address.slice(start.length + 1), part };
  }
  return undefined;
}

/** What the resources of one server say about its access, before or after the plan; undefined: not known yet. */
export interface ServerAccessView {
  readonly grants: Grants | undefined;
  readonly trust: Grants | undefined;
  readonly clientScopes: ReadonlySet<Scope> | undefined;
  readonly accessTokenMinutes: number | undefined;
  readonly mapping: ClientRole | undefined;
  readonly permissionsBoundary: string | undefined;
}

export type ServerChanges = readonly { readonly part: ServerAddress["part"]; readonly change: ResourceChange }[];

/** Reads one side of a server's changes. A resource that does not exist on that side gives nothing. */
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

function clientScopes(values: ResourceChange["before"]): Set<Scope> {
  const scopes = (values?.allowed_oauth_scopes as string[] | null | undefined) ?? [];
  return new Set(scopes.map((scope) => scope.slice(scope.lastIndexOf("/") + 1)).filter(isScope));
}

function clientRole(values: ResourceChange["before"]): ClientRole | undefined {
  if (typeof values?.item !== "string") return undefined;
  try {
    return parseClientRoleItem(JSON.parse(values.item) as Record<string, unknown>);
  } catch (error) {
    // An item in a form of somebody else's: Terraform's own plan shows it.
    if (error instanceof ClientRoleItemError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Describes how a server's access changes: for a new server what it may do, for a removed one what it could. */
export function accessFindings(kind: ChangeKind, before: ServerAccessView, after: ServerAccessView): Finding[] {
  const fresh = kind === "added";
  if (kind === "removed") return grantFindings(before.grants, after.grants);
  return [
    ...grantFindings(before.grants ?? (fresh ? NO_GRANTS : undefined), after.grants, fresh),
    ...(fresh ? [] : [...trustFindings(before, after), ...boundaryFindings(before, after)]),
    ...(fresh ? [] : scopeFindings(before, after)),
    ...prefixFindings(before, after),
    ...lifetimeFindings(before, after, fresh),
  ];
}

function trustFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  return grantFindings(before.trust, after.trust).map(({ text, ...mark }) => ({ text: `its role: ${text}`, ...mark }));
}

function boundaryFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const [was, is] = [before.permissionsBoundary, after.permissionsBoundary];
  if (was === is) return [];
  if (was === undefined) return [{ text: "its role gets a permissions boundary" }];
  return [
    widening(
      is === undefined ? "its role loses its permissions boundary" : "its role gets another permissions boundary",
    ),
  ];
}

/** Scopes that change without the role's policies changing alike: otherwise the policies' words say it all. */
function scopeFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const change = grantChange(before.grants, after.grants);
  const [mentionedGained, mentionedLost] = [scopesInGrants(change.gained), scopesInGrants(change.lost)];
  const difference = (a: ServerAccessView, b: ServerAccessView, mentioned: ReadonlySet<string>) => {
    const [inA, inB] = [allowedScopes(a), allowedScopes(b)];
    return inA === undefined || inB === undefined
      ? []
      : SCOPES.filter((scope) => inA.has(scope) && !inB.has(scope) && !mentioned.has(scope));
  };
  const gained = difference(after, before, mentionedGained);
  const lost = difference(before, after, mentionedLost);
  return [
    ...(gained.length > 0 ? [widening(`its client may now also get the ${scopeWord(gained)}`)] : []),
    ...(lost.length > 0 ? [{ text: `its client may no longer get the ${scopeWord(lost)}` }] : []),
  ];
}

function scopeWord(scopes: readonly string[]): string {
  return `${scopes.length === 1 ? "scope" : "scopes"} ${conjunction(scopes)}`;
}

/** What the vending API would grant: the scopes that both the client and the table item allow. */
function allowedScopes({ clientScopes, mapping }: ServerAccessView): ReadonlySet<string> | undefined {
  if (clientScopes === undefined || mapping === undefined) return clientScopes;
  return new Set(mapping.allowedScopes.filter((scope) => clientScopes.has(scope)));
}

function prefixFindings(before: ServerAccessView, after: ServerAccessView): Finding[] {
  const [was, is] = [before.mapping?.s3PathPrefix, after.mapping?.s3PathPrefix];
  if (was === undefined || is === undefined || was === is) return [];
  return [
    { text: `its prefix was ${was} and becomes ${is}: objects stay where they are, and its settings must be changed` },
  ];
}

function lifetimeFindings(before: ServerAccessView, after: ServerAccessView, fresh: boolean): Finding[] {
  const findings: Finding[] = [];
  const add = (what: string, unit: string, was: number | undefined, is: number | undefined) => {
    if (was === undefined || is === undefined || was === is) return;
    findings.push(widening(`${what} live at most ${is} ${unit} instead of ${was}`, is > was));
  };
  if (!fresh) {
    add("its credentials", "seconds", before.mapping?.maxSessionDuration, after.mapping?.maxSessionDuration);
    add("its access tokens", "minutes", before.accessTokenMinutes, after.accessTokenMinutes);
  } else if (after.mapping && after.mapping.maxSessionDuration !== MAX_SESSION_SECONDS) {
    findings.push({ text: `its credentials live at most ${after.mapping.maxSessionDuration} seconds` });
  }
  return findings;
}
