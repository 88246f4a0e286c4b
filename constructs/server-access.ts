import { CognitoUserPoolClient } from "@cdktf/provider-aws/lib/cognito-user-pool-client";
import { DynamodbTableItem } from "@cdktf/provider-aws/lib/dynamodb-table-item";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { serverResource } from "../access/addresses";
import { clientRoleItem } from "../access/client-role";
import { type Deployment, ENVIRONMENT_TAG, serverRoleName } from "../access/names";
import { qualifiedScope, type Scope, scopesOf } from "../access/permission-level";
import { listStatement, objectStatement, policyDocument, policyJson } from "../access/policy";
import type { FoundationConfig, ServerConfig } from "../config/schema/types";
import { CLIENT_TABLE_KEY } from "./client-table";
import { foundationOutput } from "./foundation-outputs";
import { machineClient } from "./machine-client";
import { literal, literals, reference } from "./terraform-text";

/** The role's own limit, which is AWS's minimum for it; the table item has the server's `max_session_duration`. */
const ROLE_MAX_SESSION_SECONDS = 3600;

export interface ServerAccessProps {
  readonly deployment: Deployment & Pick<FoundationConfig, "permissionsBoundary" | "iamPath">;
  readonly server: ServerConfig;
  readonly commonTags: Readonly<Record<string, string>>;
  /** Whether Terraform refuses to replace the app client, which would end its id and secret. */
  readonly deletionProtection: boolean;
}

/** Everything that one server has: its app client, its role with policies, and the table item that joins the two. */
export class ServerAccess extends Construct {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly Scope[];

  constructor(scope: Construct, id: string, props: ServerAccessProps) {
    super(scope, id);
    const { deployment, server, commonTags } = props;
    const { permissionsBoundary, iamPath } = deployment;
    const client = serverResource("client", server.name);
    const role = serverResource("role", server.name);
    this.scopes = scopesOf(server.s3Permissions);
    this.clientId = reference(client, "id");
    this.clientSecret = reference(client, "client_secret");

    this.appClient(client, props);
    new IamRole(this, role, {
      name: serverRoleName(deployment, server.name),
      description: `What the server ${server.name} may do in S3, with credentials from the vending API`,
      assumeRolePolicy: policyJson(
        policyDocument({
          Effect: "Allow",
          Principal: { AWS: foundationOutput("credential_vending_lambda_role_arn") },
          Action: ["sts:AssumeRole", "sts:TagSession"],
        }),
      ),
      maxSessionDuration: ROLE_MAX_SESSION_SECONDS,
      ...(iamPath === undefined ? {} : { path: iamPath }),
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      tags: literals({ ...commonTags, Server: server.name, [ENVIRONMENT_TAG]: deployment.environment, ...server.tags }),
    });
    this.policies(role, server);
    new DynamodbTableItem(this, serverResource("mapping", server.name), {
      tableName: foundationOutput("client_roles_table_name"),
      hashKey: CLIENT_TABLE_KEY,
      item: this.item(role, server),
    });
  }

  private appClient(address: string, { deployment, server, deletionProtection }: ServerAccessProps): void {
    const identifier = foundationOutput("resource_server_identifier");
    new CognitoUserPoolClient(this, address, {
      name: `${deployment.projectName}-${deployment.environment}-${server.name}`,
      userPoolId: foundationOutput("cognito_user_pool_id"),
      ...machineClient({ accessTokenValidityMinutes: server.accessTokenValidityMinutes, deletionProtection }),
      allowedOauthScopes: this.scopes.map((scope) => qualifiedScope(identifier, scope)),
    });
  }

  private policies(role: string, server: ServerConfig): void {
    const bucketArn = foundationOutput("bucket_arn");
    const prefix = literal(server.s3PathPrefix);
    new IamRolePolicy(this, serverResource("s3_objects", server.name), {
      name: "s3-object-access",
      role: reference(role, "name"),
      policy: policyJson(policyDocument(objectStatement(bucketArn, prefix, this.scopes))),
    });
    if (!this.scopes.includes("list")) return;
    new IamRolePolicy(this, serverResource("s3_list", server.name), {
      name: "s3-list-access",
      role: reference(role, "name"),
      policy: policyJson(policyDocument(listStatement(bucketArn, prefix))),
    });
  }

  private item(role: string, server: ServerConfig): string {
    const item = clientRoleItem({
      clientId: this.clientId,
      serverName: server.name,
      roleArn: reference(role, "arn"),
      s3PathPrefix: literal(server.s3PathPrefix),
      s3Permissions: server.s3Permissions,
      // DynamoDB gives the elements of a set back in this order, and the provider compares them in order.
      allowedScopes: [...this.scopes].sort(),
      maxSessionDuration: server.maxSessionDuration,
    });
    return JSON.stringify(Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
  }
}
