import { CognitoResourceServer } from "@cdktf/provider-aws/lib/cognito-resource-server";
import type { Construct } from "constructs";
import type { ResourceServerConfig } from "../config/schema/api-types";
import { protection } from "./protection";
import { literal } from "./terraform-text";

/** An API's scopes in a user pool, from which app clients may be granted them. */
export function resourceServer(
  scope: Construct,
  server: ResourceServerConfig,
  { userPoolId, deletionProtection }: { readonly userPoolId: string; readonly deletionProtection: boolean },
): void {
  new CognitoResourceServer(scope, resourceServerAddress(server), {
    identifier: literal(server.identifier),
    name: literal(server.name),
    userPoolId,
    scope: Object.entries(server.scopes).map(([name, description]) => ({
      scopeName: literal(name),
      scopeDescription: literal(description),
    })),
    ...protection(deletionProtection),
  });
}

/** Scopes must exist before they can be granted; their names do not tell Terraform of which server they are. */
export function afterResourceServers(scopes: readonly string[], servers: readonly ResourceServerConfig[]) {
  return servers
    .filter(({ identifier }) => scopes.some((scope) => scope.slice(0, scope.lastIndexOf("/")) === identifier))
    .map((server) => ({ fqn: resourceServerAddress(server) }));
}

function resourceServerAddress({ address }: ResourceServerConfig): string {
  return `aws_cognito_resource_server.${address}`;
}
