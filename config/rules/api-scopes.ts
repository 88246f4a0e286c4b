import { nearest } from "../../terminal/nearest";
import type { clientKeys, resourceServerKeys } from "../schema/api-keys";
import type { ClientConfig, ResourceServerConfig, RouteConfig } from "../schema/api-types";
import type { CheckedEntry } from "../schema/check-keys";
import { COGNITO_LIMITS, scopeNameProblem } from "../schema/cognito-rules";
import { wholeAddressName } from "../schema/terraform-address";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";

type ResourceServerEntry = CheckedEntry<typeof resourceServerKeys>;
type ClientEntry = CheckedEntry<typeof clientKeys>;

export function checkResourceServers(source: SourceFile, entries: readonly ResourceServerEntry[]) {
  const faults: Fault[] = [];
  const byIdentifier = new Map<string, string>();
  const resourceServers: ResourceServerConfig[] = [];
  for (const { name: key, checked } of entries) {
    const { identifier, scopes = {}, name = identifier } = checked.values;
    if (identifier === undefined || name === undefined) continue;
    faults.push(...identifierFaults(source, key, identifier, byIdentifier));
    for (const scope of Object.keys(scopes)) {
      const problem = scopeNameProblem(scope, identifier);
      if (problem !== undefined) faults.push(faultAt(source, ["resource_servers", key, "scopes", scope], problem));
    }
    const most = COGNITO_LIMITS.scopesOfResourceServer;
    faults.push(...tooMany(source, ["resource_servers", key, "scopes"], scopes, most, "scopes of a resource server"));
    resourceServers.push({ address: wholeAddressName(key), identifier, name, scopes });
  }
  const most = COGNITO_LIMITS.resourceServers;
  const all = Object.fromEntries(entries.map(({ name }) => [name, true]));
  faults.push(...tooMany(source, ["resource_servers"], all, most, "resource servers of a user pool"));
  return { resourceServers, faults };
}

function identifierFaults(source: SourceFile, key: string, identifier: string, known: Map<string, string>): Fault[] {
  const path = ["resource_servers", key, "identifier"];
  const same = known.get(identifier);
  if (same === undefined) known.set(identifier, key);
  const problem =
    identifier === ""
      ? { message: "is empty", remedy: "name the API, by its URL or in a word" }
      : same === undefined
        ? undefined
        : { message: `is the identifier of "${same}" too`, remedy: "a user pool has each only once: change one" };
  return problem === undefined ? [] : [faultAt(source, path, problem, identifier)];
}

function tooMany(source: SourceFile, path: KeyPath, of: object, most: number, what: string): Fault[] {
  const count = Object.keys(of).length;
  if (count <= most) return [];
  return [faultAt(source, path, { message: `has ${count}, and Cognito allows ${most} ${what}`, remedy: "split it" })];
}

/** The scopes of resource servers in full, as tokens have them. */
export function fullScopes(resourceServers: readonly ResourceServerConfig[]): string[] {
  return resourceServers.flatMap(({ identifier, scopes }) =>
    Object.keys(scopes).map((scope) => `${identifier}/${scope}`),
  );
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html, AllowedOAuthScopes */
const NO_GRANT: Problem = {
  message: "is granted no scope, and Cognito has no client of the client credentials grant without one",
  remedy: "write true for a scope, or remove the client; a scope that no route asks for keeps its id and secret",
};

/** @param parent the key whose entries the clients are */
export function checkClients(source: SourceFile, entries: readonly ClientEntry[], parent = "clients") {
  const faults: Fault[] = [];
  const clients: ClientConfig[] = [];
  for (const { name: key, checked } of entries) {
    const { scopes = {}, name = key, access_token_validity_minutes: minutes = 60 } = checked.values;
    const granted = Object.keys(scopes).filter((scope) => scopes[scope] === true);
    if (checked.values.scopes !== undefined && granted.length === 0)
      faults.push(faultAt(source, [parent, key], NO_GRANT));
    const most = COGNITO_LIMITS.scopesOfClient;
    faults.push(
      ...tooMany(
        source,
        [parent, key, "scopes"],
        Object.fromEntries(granted.map((scope) => [scope, true])),
        most,
        "scopes of an app client",
      ),
    );
    clients.push({
      key,
      address: wholeAddressName(key),
      name,
      grantedScopes: granted.sort(),
      accessTokenValidityMinutes: minutes,
    });
  }
  return { clients, faults };
}

/** What clients and routes name as a scope and no resource server has. */
export function unknownScopeFaults(
  source: SourceFile,
  known: readonly string[],
  named: readonly { readonly path: KeyPath; readonly scope: string; readonly value?: unknown }[],
): Fault[] {
  const isKnown = new Set(known);
  return named
    .filter(({ scope }) => !isKnown.has(scope))
    .map(({ path, scope, value }) => faultAt(source, path, unknownScope(scope, known), value));
}

function unknownScope(scope: string, known: readonly string[]): Problem {
  const meant = known.find((each) => each.endsWith(`/${scope}`)) ?? nearest(scope, known);
  const list = known.length === 0 ? "there is none: add it to resource_servers" : `the scopes are ${known.join(", ")}`;
  return {
    message: "is a scope that no resource server has",
    remedy: meant === undefined ? list : `did you mean "${meant}"?`,
  };
}

/** API Gateway takes ID tokens, and refuses access tokens, where a method asks for no scope. */
export function unscopedFaults(source: SourceFile, routes: readonly RouteConfig[]): Fault[] {
  return routes
    .filter(({ scopes }) => scopes.length === 0)
    .map(({ key }) =>
      faultAt(source, ["routes", key, "scopes"], {
        message: "has no scope, and API Gateway would then let ID tokens in and refuse access tokens",
        remedy: "name at least one scope that a client needs",
      }),
    );
}

/**
 * Two entries of a map that Terraform's addresses cannot tell apart.
 * @param start what their addresses begin with after the type
 */
export function addressFaults(
  source: SourceFile,
  parent: string,
  type: string,
  names: readonly string[],
  start = "",
): Fault[] {
  const byAddress = new Map<string, string>();
  return names.flatMap((name) => {
    const address = wholeAddressName(name);
    const same = byAddress.get(address);
    if (same === undefined) byAddress.set(address, name);
    const problem: Problem | undefined =
      name === ""
        ? { message: "is an empty name", remedy: "name the entry" }
        : same === undefined
          ? undefined
          : {
              message: `gives the same Terraform address as "${same}", ${type}.${start}${address}`,
              remedy: "rename one: in addresses, a character other than A-Z, a-z, 0-9, _ and - becomes _",
            };
    return problem === undefined ? [] : [faultAt(source, [parent, name], problem)];
  });
}

/** What is allowed and was hardly meant; a scope that some client withholds by `false` is meant. */
export function scopeWarnings(
  source: SourceFile,
  servers: readonly ResourceServerEntry[],
  routes: readonly RouteConfig[],
  mentioned: ReadonlySet<string>,
): Fault[] {
  const used = new Set(routes.flatMap(({ scopes }) => scopes));
  const unused = servers.flatMap(({ name: key, checked }) => {
    const { identifier, scopes = {} } = checked.values;
    const names = Object.keys(scopes);
    // A resource server of which no route asks anything is that of an API somewhere else.
    if (!names.some((name) => used.has(`${identifier}/${name}`))) return [];
    return names
      .filter((name) => !used.has(`${identifier}/${name}`))
      .map((name) =>
        faultAt(source, ["resource_servers", key, "scopes", name], {
          message: "is a scope that no route asks for",
          remedy: "name it in a route's scopes, or remove it",
        }),
      );
  });
  const closed = routes
    .filter(({ scopes }) => !scopes.some((scope) => mentioned.has(scope)))
    .map(({ key, scopes }) =>
      faultAt(source, ["routes", key], {
        message: `is a route that no client may call: none has ${scopes.join(" or ")}`,
        remedy: "grant it to a client, or write it there as false, if that is meant",
      }),
    );
  return [...unused, ...closed];
}
