import { type CheckedLayer, type LayerConfiguration, type LayerContext, wrongEnvironment } from "../layer";
import {
  apiKeys,
  clientKeys,
  DEFAULT_CLIENTS,
  DEFAULT_RESOURCE_SERVERS,
  functionKeys,
  resourceServerKeys,
  routeKeys,
} from "../schema/api-keys";
import type { ApiConfig } from "../schema/api-types";
import { camelKeys, checkEntries, checkKeys, type Values } from "../schema/check-keys";
import { environmentDefaults } from "../schema/foundation-keys";
import { sorted } from "../sorted";
import type { Fault } from "../source/fault";
import type { SourceFile } from "../source/source-file";
import { accountFaults } from "./account";
import { functionFaults, functionOf } from "./api-functions";
import { derivedNames, nameFaults } from "./api-names";
import { checkRoutes } from "./api-routes";
import {
  addressFaults,
  checkClients,
  checkResourceServers,
  fullScopes,
  scopeWarnings,
  unknownScopeFaults,
  unscopedFaults,
} from "./api-scopes";

/** Tags of everything in the layer, as the documented deployment has them. */
export const API_TAGS: readonly string[] = ["Environment", "Project", "Terraform", "CloudFormation"];

type ApiValues = Values<typeof apiKeys>;

/** Any API behind scopes, and clients that are machines: a user pool of its own, and a REST API where there are routes. */
export const apiConfiguration: LayerConfiguration<ApiConfig> = {
  name: "api",
  contents: "APIs' scopes, the clients that are granted them, and a REST API that asks for them",
  backendFile: "api-backend.hcl",
  variablesFile: "api.tfvars",
  optional: true,
  reads: [],
  keys: apiKeys,
  entries: {
    resource_servers: resourceServerKeys,
    clients: clientKeys,
    routes: routeKeys,
    functions: functionKeys,
  },
  check: checkApi,
};

function checkApi(source: SourceFile, { environment, hint: elsewhere }: LayerContext): CheckedLayer<ApiConfig> {
  const hint = (key: string) => (key === "environment" ? "did you mean environment_name?" : elsewhere(key));
  const { values, faults: keyFaults } = checkKeys(apiKeys, source, [], source.values, hint);
  const entries = checkAllEntries(source, values, hint);
  const names = derivedNames(values, environment);
  const functions = entries.functions.map((entry) => functionOf(entry, environment));
  const checkedServers = checkResourceServers(source, entries.resourceServers);
  const checkedClients = checkClients(source, entries.clients);
  const functionNames = entries.functions.map(({ name }) => name);
  const { routes, faults: routeFaults } = checkRoutes(source, entries.routes, functionNames);
  const { resourceServers, clients, routes: routeEntries } = entries;
  const all = [...resourceServers, ...clients, ...routeEntries, ...entries.functions];
  const faults = [
    ...keyFaults,
    ...wrongEnvironment(source, values.environment_name, environment, "environment_name"),
    ...accountFaults(source, environment, API_TAGS, values),
    ...nameFaults(source, values, names),
    ...all.flatMap(({ checked }) => checked.faults),
    ...checkedServers.faults,
    ...checkedClients.faults,
    ...routeFaults,
    ...scopeFaults(source, entries, checkedServers.resourceServers, routes),
    ...functionFaults(source, entries.functions, functions),
    ...addressFaults(source, "resource_servers", "aws_cognito_resource_server", namesOf(entries.resourceServers)),
    ...addressFaults(source, "clients", "aws_cognito_user_pool_client", namesOf(entries.clients)),
    ...addressFaults(source, "functions", "aws_lambda_function", functionNames),
  ];
  const mentioned = new Set(entries.clients.flatMap(({ checked }) => Object.keys(checked.values.scopes ?? {})));
  return {
    faults,
    warnings: scopeWarnings(source, entries.resourceServers, routes, mentioned),
    roles: functions.map(({ key, name }) => ({ name, path: ["functions", key] })),
    domains: domainOf(values, names.domain),
    config:
      faults.length > 0
        ? undefined
        : {
            ...complete(values as ApiValues, environment),
            ...names,
            resourceServers: sorted(checkedServers.resourceServers, ({ address }) => address),
            clients: sorted(checkedClients.clients, ({ key }) => key),
            routes: sorted(routes, ({ key }) => key),
            functions: sorted(functions, ({ key }) => key),
          },
  };
}

function domainOf({ aws_region: region, domain, domain_prefix: prefix }: Partial<ApiValues>, name: string) {
  // A part that is wrong by itself is reported already, and gives no name.
  if (region === undefined || (domain ?? prefix) === undefined) return [];
  return [{ name, region, path: [domain === undefined ? "domain_prefix" : "domain"] }];
}

function checkAllEntries(source: SourceFile, values: Partial<ApiValues>, hint: LayerContext["hint"]) {
  const isWritten = (key: string) => (source.values[key] ?? null) !== null;
  const defaultClients = isWritten("resource_servers") ? {} : DEFAULT_CLIENTS;
  const remedy = (example: string) => `write its keys in braces: { ${example} }`;
  return {
    resourceServers: checkEntries(
      resourceServerKeys,
      source,
      "resource_servers",
      isWritten("resource_servers") ? (values.resource_servers ?? {}) : DEFAULT_RESOURCE_SERVERS,
      hint,
      remedy('identifier = "…", scopes = { … }'),
    ),
    clients: checkEntries(
      clientKeys,
      source,
      "clients",
      isWritten("clients") ? (values.clients ?? {}) : defaultClients,
      hint,
      remedy('scopes = { "…/…" = true }'),
    ),
    routes: checkEntries(routeKeys, source, "routes", values.routes ?? {}, hint, remedy('scopes = ["…/…"]')),
    functions: checkEntries(functionKeys, source, "functions", values.functions ?? {}, hint, remedy('source = "…"')),
  };
}

type Entries = ReturnType<typeof checkAllEntries>;

const namesOf = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name);

function scopeFaults(
  source: SourceFile,
  entries: Entries,
  resourceServers: ReturnType<typeof checkResourceServers>["resourceServers"],
  routes: ReturnType<typeof checkRoutes>["routes"],
): Fault[] {
  const unscoped = unscopedFaults(
    source,
    routes.filter(({ key }) => entries.routes.find(({ name }) => name === key)?.checked.values.scopes !== undefined),
  );
  // With a resource server that is wrong by itself, it is not known which scopes there are.
  if (entries.resourceServers.some(({ checked }) => checked.faults.length > 0)) return unscoped;
  const ofClients = entries.clients.flatMap(({ name, checked }) =>
    Object.entries(checked.values.scopes ?? {}).map(([scope, value]) => ({
      path: ["clients", name, "scopes", scope],
      scope,
      value,
    })),
  );
  const ofRoutes = entries.routes.flatMap(({ name, checked }) =>
    (checked.values.scopes ?? []).map((scope, index) => ({
      path: ["routes", name, "scopes", String(index)],
      scope,
      value: scope,
    })),
  );
  return [...unscoped, ...unknownScopeFaults(source, fullScopes(resourceServers), [...ofClients, ...ofRoutes])];
}

function complete(values: ApiValues, environment: string) {
  const {
    environment_name,
    user_pool_name,
    user_pool_name_prefix,
    domain,
    domain_prefix,
    stage_name,
    resource_servers,
    clients,
    routes,
    functions,
    ...others
  } = values;
  const { deletion_protection } = environmentDefaults(environment);
  const defaults: { readonly deletion_protection: boolean } = { deletion_protection };
  return { environment, ...camelKeys({ ...defaults, ...(others as typeof others & typeof defaults) }) };
}
