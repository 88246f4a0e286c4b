import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { IamRolePolicyAttachment } from "@cdktf/provider-aws/lib/iam-role-policy-attachment";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { Construct } from "constructs";
import { roleArn } from "../access/arn";
import { type ClientTableKind, ENVIRONMENT_TAG, serverRolePrefix, vendingName } from "../access/names";
import { policyDocument, policyJson } from "../access/policy";
import type { FoundationConfig } from "../config/schema/types";
import { FUNCTION_TIMEOUT_SECONDS } from "../lambda/limits";
import { LAMBDA_HANDLER, LAMBDA_RUNTIME } from "../lambda/package-format";
import type { ClientTable } from "./client-table";
import { LambdaPackage } from "./lambda-package";
import type { UploadsBucket } from "./uploads-bucket";
import type { UserPool } from "./user-pool";

const LOG_GROUP = "aws_cloudwatch_log_group.credential_vending";

/** The tables about app clients, by what they hold. */
export type ClientTables = Readonly<Record<ClientTableKind, ClientTable>>;

export interface CredentialVendingFunctionProps {
  readonly config: FoundationConfig;
  readonly accountId: string;
  /** The bundled Lambda: one ECMAScript module that exports `handler`. */
  readonly code: Uint8Array;
  readonly userPool: UserPool;
  readonly tables: ClientTables;
  readonly bucket: UploadsBucket;
}

/** The Lambda that trades access tokens for credentials, with a role that reads two tables, notes who was seen in a third, and assumes servers' roles. */
export class CredentialVendingFunction extends Construct {
  readonly functionName: string;
  readonly invokeArn: string;
  /** Put together from its parts, as other ARNs that are outputs: a first plan can show them. */
  readonly roleArn: string;
  /** Terraform's `import` block for the log group that Lambda made itself. */
  readonly logGroupImport: { readonly to: string; readonly id: string };

  constructor(scope: Construct, id: string, props: CredentialVendingFunctionProps) {
    super(scope, id);
    const { config, accountId, userPool, tables, bucket } = props;
    const name = vendingName(config);
    const serverRoles = roleArn(accountId, serverRolePrefix(config), config.iamPath);

    this.logGroupImport = { to: LOG_GROUP, id: `/aws/lambda/${name}` };
    const logGroup = new CloudwatchLogGroup(this, LOG_GROUP, {
      name: this.logGroupImport.id,
      retentionInDays: config.logRetentionDays,
    });
    const { role, policies } = this.role(name, config, serverRoles, tables);
    const zip = new LambdaPackage(this, "package", { kind: config.lambdaPackage, code: props.code });
    const lambda = new LambdaFunction(this, "aws_lambda_function.credential_vending", {
      functionName: name,
      description: "Trades Cognito access tokens of servers for short-lived AWS credentials",
      role: role.arn,
      runtime: LAMBDA_RUNTIME,
      architectures: ["arm64"],
      handler: LAMBDA_HANDLER,
      filename: zip.filename,
      sourceCodeHash: zip.sourceCodeHash,
      timeout: FUNCTION_TIMEOUT_SECONDS,
      memorySize: config.lambdaMemoryMb,
      environment: {
        variables: {
          USER_POOL_ID: userPool.id,
          RESOURCE_SERVER_IDENTIFIER: userPool.resourceServerIdentifier,
          CLIENT_ROLES_TABLE: tables.roles.name,
          CLIENT_CONTROLS_TABLE: tables.controls.name,
          CLIENT_ACTIVITY_TABLE: tables.activity.name,
          S3_BUCKET: bucket.name,
          SERVER_ROLE_PREFIX: serverRoles,
        },
      },
      // A function that runs before its log group exists makes one itself, without retention, and the apply then fails;
      // new code that runs before its role allows what it does refuses every server for that moment.
      dependsOn: [logGroup, ...policies],
    });

    this.functionName = lambda.functionName;
    this.invokeArn = lambda.invokeArn;
    this.roleArn = roleArn(accountId, name, config.iamPath);
  }

  private role(name: string, config: FoundationConfig, serverRoles: string, tables: ClientTables) {
    const { environment, permissionsBoundary, iamPath } = config;
    const role = new IamRole(this, "aws_iam_role.credential_vending", {
      name,
      description: "Of the credential vending Lambda: reads the tables about clients, assumes the roles of servers",
      ...(iamPath === undefined ? {} : { path: iamPath }),
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      assumeRolePolicy: policyJson(
        policyDocument({
          Effect: "Allow",
          Principal: { Service: "lambda.amazonaws.com" },
          Action: "sts:AssumeRole",
        }),
      ),
    });
    const basicExecution = new IamRolePolicyAttachment(
      this,
      "aws_iam_role_policy_attachment.credential_vending_basic",
      {
        role: role.name,
        policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
      },
    );
    const dynamodb = new IamRolePolicy(this, "aws_iam_role_policy.credential_vending_dynamodb", {
      name: "dynamodb-read",
      role: role.name,
      policy: policyJson(
        policyDocument({
          Effect: "Allow",
          Action: "dynamodb:BatchGetItem",
          Resource: [tables.roles.arn, tables.controls.arn],
        }),
      ),
    });
    // A table of its own: a function that could write to the others could switch a client on again.
    const activity = new IamRolePolicy(this, "aws_iam_role_policy.credential_vending_activity", {
      name: "dynamodb-activity",
      role: role.name,
      policy: policyJson(
        policyDocument({ Effect: "Allow", Action: "dynamodb:UpdateItem", Resource: tables.activity.arn }),
      ),
    });
    const sts = new IamRolePolicy(this, "aws_iam_role_policy.credential_vending_sts", {
      name: "sts-assume-role",
      role: role.name,
      policy: policyJson(
        policyDocument(
          {
            Effect: "Allow",
            Action: "sts:AssumeRole",
            Resource: `${serverRoles}*`,
            // The names of an environment "dev-eu" begin like those of "dev", and only the tag tells them apart:
            // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_iam-assume-tagged-role.html
            Condition: { StringEquals: { [`iam:ResourceTag/${ENVIRONMENT_TAG}`]: environment } },
          },
          // What puts the server and the app client into CloudTrail; nothing without the above.
          { Effect: "Allow", Action: "sts:TagSession", Resource: `${serverRoles}*` },
        ),
      ),
    });
    return { role, policies: [basicExecution, dynamodb, activity, sts] };
  }
}
