import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { fullScopes } from "../config/rules/api-scopes";
import type { ApiConfig, ClientConfig } from "../config/schema/api-types";
import type { EnvironmentConfig } from "../config/schema/types";
import { BackendFunction } from "../constructs/api/backend-function";
import { Commands } from "../constructs/api/commands";
import { callerArn, RestApi } from "../constructs/api/rest-api";
import { clientAddress, MachineUserPool } from "../constructs/api/user-pool";
import { literal, reference } from "../constructs/terraform-text";
import { LayerStack } from "./layer-stack";

export interface ApiStackProps {
  readonly environment: EnvironmentConfig;
  /** The bundled functions, by their keys: one ECMAScript module each, which exports `handler`. */
  readonly functionCode: ReadonlyMap<string, Uint8Array>;
}

/** Any API behind scopes: a user pool of its own for machines and, where there are routes, a REST API. */
export class ApiStack extends LayerStack {
  constructor(scope: Construct, id: string, { environment, functionCode }: ApiStackProps) {
    const config = environment.optional.api as ApiConfig;
    const { api: backend } = environment.backends;
    if (backend === undefined) throw new Error(`${environment.name} has no api layer`);
    const tags = {
      Environment: config.environment,
      Project: config.projectTag,
      Terraform: "true",
      CloudFormation: "false",
    };
    super(scope, id, { backend, awsRegion: config.awsRegion, account: config, defaultTags: tags });
    const userPool = new MachineUserPool(this, "user-pool", { config, tags });
    for (const each of config.functions) {
      const code = functionCode.get(each.key);
      if (code === undefined) throw new Error(`the function ${each.key} was not bundled`);
      const isCalled = config.routes.some(({ backend }) => backend.kind === "function" && backend.key === each.key);
      new BackendFunction(this, `function-${each.address}`, {
        config,
        backend: each,
        code,
        calledBy: isCalled ? callerArn(config) : undefined,
      });
    }
    const api = config.routes.length > 0 ? new RestApi(this, "rest-api", { config, userPool }) : undefined;
    this.outputs(config, userPool, api);
  }

  private outputs(config: ApiConfig, userPool: MachineUserPool, api: RestApi | undefined): void {
    const { tokenEndpoint, issuerUrl, domain, id } = userPool;
    const byKey = (attribute: string) =>
      Object.fromEntries(
        config.clients.map((client: ClientConfig) => [client.key, reference(clientAddress(client), attribute)]),
      );
    const commands = new Commands({ config, stackName: this.node.id, tokenEndpoint, endpoint: api?.endpoint });
    const output = (name: string, description: string, value: unknown, sensitive = false) =>
      new TerraformOutput(this, name, { description, value, ...(sensitive ? { sensitive } : {}) });
    output("user_pool_id", "The Cognito user pool that issues the access tokens", id);
    output("issuer_url", "The issuer of the access tokens, as their iss claim has it", issuerUrl);
    output("cognito_domain", "Where Cognito answers, as a URL", domain);
    output("token_endpoint", "Where clients get access tokens", tokenEndpoint);
    output(
      "scopes",
      "Every scope that a client can be granted, in full",
      fullScopes(config.resourceServers).map(literal),
    );
    output("client_ids", "The id of each client", byKey("id"));
    output("client_secrets", "The secret of each client", byKey("client_secret"), true);
    output("token_commands", "How each client gets a token, by a shell in the project's folder", commands.tokens());
    if (api === undefined) return;
    output("api_endpoint", "The REST API's address, with a slash at its end", api.endpoint);
    output("call_commands", "How each route is called, by the first client that may", commands.calls());
  }
}
