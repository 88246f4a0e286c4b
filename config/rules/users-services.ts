import type { ClientConfig, ResourceServerConfig } from "../schema/api-types";
import type { Fault } from "../source/fault";
import { addressFaults, checkClients, checkResourceServers, fullScopes, unknownScopeFaults } from "./api-scopes";
import type { UsersFile } from "./users-file";

export interface CheckedServices {
  readonly resourceServers: readonly ResourceServerConfig[];
  readonly serviceClients: readonly ClientConfig[];
  readonly faults: readonly Fault[];
}

/** Programs that get tokens for themselves, and the scopes that they are granted: by the rules of the api layer. */
export function checkServices({ source, parts }: UsersFile): CheckedServices {
  const { resourceServers: servers, serviceClients: clients } = parts;
  const { resourceServers, faults: serverFaults } = checkResourceServers(source, servers);
  const { clients: serviceClients, faults: clientFaults } = checkClients(source, clients, "service_clients");
  const namesOf = (entries: readonly { readonly name: string }[]) => entries.map(({ name }) => name);
  const named = clients.flatMap(({ name, checked }) =>
    Object.entries(checked.values.scopes ?? {}).map(([scope, value]) => ({
      path: ["service_clients", name, "scopes", scope],
      scope,
      value,
    })),
  );
  // With a resource server that is wrong by itself, it is not known which scopes there are.
  const isKnown = servers.every(({ checked }) => checked.faults.length === 0);
  return {
    resourceServers,
    serviceClients,
    faults: [
      ...serverFaults,
      ...clientFaults,
      ...(isKnown ? unknownScopeFaults(source, fullScopes(resourceServers), named) : []),
      ...addressFaults(source, "resource_servers", "aws_cognito_resource_server", namesOf(servers)),
      ...addressFaults(source, "service_clients", "aws_cognito_user_pool_client", namesOf(clients), "service_"),
    ],
  };
}
