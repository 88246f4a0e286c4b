import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import { policyDocument, policyJson } from "../../access/policy";
import type { ApiConfig, FunctionConfig } from "../../config/schema/api-types";
import { LAMBDA_HANDLER, LAMBDA_RUNTIME } from "../../lambda/package-format";
import { ZipAsset } from "../lambda-package";
import { reference } from "../terraform-text";

export interface BackendFunctionProps {
  readonly config: ApiConfig;
  readonly backend: FunctionConfig;
  /** The bundled function: one ECMAScript module that exports `handler`. */
  readonly code: Uint8Array;
  /** The ARN that the REST API's stage calls with; none where no route leads here. */
  readonly calledBy: string | undefined;
}

/** A function that answers routes, with a role that may write its own log and nothing else. */
export class BackendFunction extends Construct {
  constructor(scope: Construct, id: string, { config, backend, code, calledBy }: BackendFunctionProps) {
    super(scope, id);
    const { address, name } = backend;
    const logGroup = `aws_cloudwatch_log_group.${address}`;
    const role = `aws_iam_role.${address}`;
    const policy = `aws_iam_role_policy.${address}`;
    new CloudwatchLogGroup(this, logGroup, {
      name: `/aws/lambda/${name}`,
      retentionInDays: config.logRetentionDays,
    });
    this.role(role, policy, name, reference(logGroup, "arn"), config);
    const zip = new ZipAsset(this, "package", { path: `functions/${address}.zip`, code });
    new LambdaFunction(this, functionAddress(address), {
      functionName: name,
      description: `Answers routes of the REST API of ${config.environment}`,
      role: reference(role, "arn"),
      runtime: LAMBDA_RUNTIME,
      architectures: ["arm64"],
      handler: LAMBDA_HANDLER,
      filename: zip.filename,
      sourceCodeHash: zip.sourceCodeHash,
      timeout: backend.timeoutSeconds,
      memorySize: backend.memoryMb,
      // A function that runs before its log group exists makes one itself, without retention, and the apply then fails.
      dependsOn: [{ fqn: logGroup }, { fqn: policy }],
    });
    if (calledBy === undefined) return;
    // Its resource policy, and no role of API Gateway that could call every function of the account.
    new LambdaPermission(this, `aws_lambda_permission.${address}`, {
      statementId: "AllowRestApi",
      action: "lambda:InvokeFunction",
      functionName: reference(functionAddress(address), "function_name"),
      principal: "apigateway.amazonaws.com",
      sourceArn: calledBy,
    });
  }

  private role(address: string, policy: string, name: string, logGroupArn: string, config: ApiConfig): void {
    const { permissionsBoundary, iamPath } = config;
    new IamRole(this, address, {
      name,
      description: `Of the function ${name}: writes its own log`,
      ...(iamPath === undefined ? {} : { path: iamPath }),
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      assumeRolePolicy: policyJson(
        policyDocument({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
      ),
    });
    new IamRolePolicy(this, policy, {
      name: "write-own-log",
      role: reference(address, "name"),
      policy: policyJson(
        policyDocument({
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: `${logGroupArn}:*`,
        }),
      ),
    });
  }
}

/** The address of a function's resource. */
export function functionAddress(name: string): string {
  return `aws_lambda_function.${name}`;
}
