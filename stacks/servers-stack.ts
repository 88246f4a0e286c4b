import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { roleArn } from "../access/arn";
import { serverRoleName } from "../access/names";
import type { ServerConfig, UploaderEnvironment } from "../config/schema/types";
import { FOUNDATION_STATE, foundationOutput } from "../constructs/foundation-outputs";
import { ServerAccess } from "../constructs/server-access";
import { literal } from "../constructs/terraform-text";
import { LayerStack, projectTags, remoteState } from "./layer-stack";
import { moduleMoves } from "./rollback";

export interface ServersStackProps {
  readonly environment: UploaderEnvironment;
}

/** The layer that changes with every onboarding: what each server of one environment has. */
export class ServersStack extends LayerStack {
  constructor(scope: Construct, id: string, { environment }: ServersStackProps) {
    const config = environment.servers;
    super(scope, id, {
      backend: environment.backends.servers,
      awsRegion: config.awsRegion,
      account: environment.foundation,
      defaultTags: projectTags({ projectName: "oidc-s3-uploader", environment: config.environment }),
    });
    const deployment = environment.foundation;
    remoteState(this, FOUNDATION_STATE, environment.backends.foundation);

    const accesses = config.servers.map((server) => ({
      server,
      access: new ServerAccess(this, `server-${server.name}`, {
        deployment,
        server,
        commonTags: config.commonTags,
        deletionProtection: deployment.deletionProtection,
      }),
    }));
    if (config.adoptModuleState && accesses.length > 0) {
      this.addOverride(
        "moved",
        config.servers.flatMap((server) => moduleMoves(server.name)),
      );
    }

    const byName = <T>(value: (server: ServerConfig, access: ServerAccess) => T): Record<string, T> =>
      Object.fromEntries(accesses.map(({ server, access }) => [server.name, value(server, access)]));
    new TerraformOutput(this, "server_configurations", {
      description: "What each server's client is configured with; the secrets are in server_secrets",
      value: byName((server, access) => serverConfiguration(environment, server, access)),
    });
    new TerraformOutput(this, "server_secrets", {
      description: "The client secret of each server",
      sensitive: true,
      value: byName((_, access) => access.clientSecret),
    });
    new TerraformOutput(this, "server_role_arns", {
      description: "The IAM role of each server",
      value: byName((server) =>
        roleArn(foundationOutput("aws_account_id"), serverRoleName(deployment, server.name), deployment.iamPath),
      ),
    });
    new TerraformOutput(this, "cognito_token_endpoint", {
      description: "Where servers get access tokens",
      value: foundationOutput("cognito_token_endpoint"),
    });
    new TerraformOutput(this, "credential_vending_api_url", {
      description: "Where servers trade access tokens for AWS credentials: POST to this address",
      value: foundationOutput("credential_vending_api_url"),
    });
  }
}

function serverConfiguration({ foundation }: UploaderEnvironment, server: ServerConfig, access: ServerAccess) {
  return {
    cognito_domain: foundationOutput("cognito_domain"),
    cognito_token_endpoint: foundationOutput("cognito_token_endpoint"),
    cognito_client_id: access.clientId,
    resource_server_identifier: foundationOutput("resource_server_identifier"),
    allowed_scopes: access.scopes,
    credential_vending_api_url: foundationOutput("credential_vending_api_url"),
    aws_region: foundation.awsRegion,
    s3_bucket: foundationOutput("bucket_name"),
    s3_path_prefix: literal(server.s3PathPrefix),
  };
}
