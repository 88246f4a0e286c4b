import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { ClientTableKind } from "../access/names";
import { qualifiedScope, SCOPES } from "../access/permission-level";
import { policyJson } from "../access/policy";
import { fleetOperatorPolicy } from "../access/session-revocation";
import type { UploaderEnvironment } from "../config/schema/types";
import { ClientTable } from "../constructs/client-table";
import { CredentialVendingApi } from "../constructs/credential-vending-api";
import { CredentialVendingFunction } from "../constructs/credential-vending-function";
import { FOUNDATION_OUTPUTS, type FoundationOutput } from "../constructs/foundation-outputs";
import { Alarms } from "../constructs/operations/alarms";
import { Dashboard } from "../constructs/operations/dashboard";
import { ForeignWriters } from "../constructs/operations/foreign-writers";
import { literal } from "../constructs/terraform-text";
import { UploadsBucket } from "../constructs/uploads-bucket";
import { UserPool } from "../constructs/user-pool";
import { LayerStack, projectTags } from "./layer-stack";

export interface FoundationStackProps {
  readonly environment: UploaderEnvironment;
  /** The bundled vending Lambda: one ECMAScript module that exports `handler`. */
  readonly lambdaCode: Uint8Array;
}

/** The layer that rarely changes: user pool, vending API, tables about clients and bucket of one environment. */
export class FoundationStack extends LayerStack {
  constructor(scope: Construct, id: string, { environment, lambdaCode }: FoundationStackProps) {
    const config = environment.foundation;
    super(scope, id, {
      backend: environment.backends.foundation,
      awsRegion: config.awsRegion,
      account: config,
      defaultTags: projectTags(config),
    });
    const { accountId } = new DataAwsCallerIdentity(this, "data.aws_caller_identity.current");
    const userPool = new UserPool(this, "user-pool", { config, accountId });
    const table = (kind: ClientTableKind) => new ClientTable(this, `client-${kind}-table`, { config, accountId, kind });
    const tables = { roles: table("roles"), controls: table("controls"), activity: table("activity") };
    const bucket = new UploadsBucket(this, "uploads-bucket", { config });
    const handler = new CredentialVendingFunction(this, "credential-vending-function", {
      config,
      accountId,
      code: lambdaCode,
      userPool,
      tables,
      bucket,
    });
    if (config.adoptLambdaLogGroup) this.addOverride("import", [handler.logGroupImport]);
    const api = new CredentialVendingApi(this, "credential-vending-api", { config, handler });

    if (config.dashboard) new Dashboard(this, "dashboard", { config, apiId: api.id });
    if (config.alarmTopicArn !== undefined) {
      const topicArn = literal(config.alarmTopicArn);
      new Alarms(this, "alarms", { config, apiId: api.id, topicArn });
      const tableArns = [tables.roles.arn, tables.controls.arn];
      if (config.alarmTableWriters.length > 0)
        new ForeignWriters(this, "foreign-writers", { config, tableArns, topicArn });
    }

    const identifier = literal(config.resourceServerIdentifier);
    const outputs: Record<FoundationOutput, unknown> = {
      cognito_user_pool_id: userPool.id,
      cognito_user_pool_arn: userPool.arn,
      cognito_domain: userPool.domain,
      cognito_token_endpoint: userPool.tokenEndpoint,
      cognito_issuer_url: userPool.issuerUrl,
      resource_server_identifier: userPool.resourceServerIdentifier,
      resource_server_scopes: Object.fromEntries(SCOPES.map((scope) => [scope, qualifiedScope(identifier, scope)])),
      credential_vending_api_url: api.url,
      credential_vending_lambda_role_arn: handler.roleArn,
      client_roles_table_name: tables.roles.name,
      client_roles_table_arn: tables.roles.arn,
      bucket_arn: bucket.arn,
      bucket_name: bucket.name,
      fleet_operator_policy: policyJson(
        fleetOperatorPolicy(config, {
          region: config.awsRegion,
          account: accountId,
          iamPath: config.iamPath,
          bucketArn: bucket.arn,
          userPoolArn: userPool.arn,
        }),
      ),
      aws_region: config.awsRegion,
      environment: config.environment,
      aws_account_id: accountId,
    };
    for (const [name, value] of Object.entries(outputs)) {
      new TerraformOutput(this, name, { value, description: FOUNDATION_OUTPUTS[name as FoundationOutput] });
    }
  }
}
