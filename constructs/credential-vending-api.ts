import { Apigatewayv2Api } from "@cdktf/provider-aws/lib/apigatewayv2-api";
import { Apigatewayv2Integration } from "@cdktf/provider-aws/lib/apigatewayv2-integration";
import { Apigatewayv2Route } from "@cdktf/provider-aws/lib/apigatewayv2-route";
import { Apigatewayv2Stage } from "@cdktf/provider-aws/lib/apigatewayv2-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import { vendingName } from "../access/names";
import type { FoundationConfig } from "../config/schema/types";
import { ANSWER_FIELDS, REQUEST_FIELDS } from "./access-log";
import type { CredentialVendingFunction } from "./credential-vending-function";
import { protection } from "./protection";

const ROUTE_PATH = "/credentials";

/** The fields of API Gateway's access log; none of them holds a token: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html */
const ACCESS_LOG_FORMAT = {
  ...REQUEST_FIELDS,
  routeKey: "$context.routeKey",
  ...ANSWER_FIELDS,
  integrationStatus: "$context.integrationStatus",
  integrationLatency: "$context.integrationLatency",
  integrationError: "$context.integrationErrorMessage",
};

export interface CredentialVendingApiProps {
  readonly config: FoundationConfig;
  readonly handler: CredentialVendingFunction;
}

/** The HTTP API in front of the vending Lambda. It has no CORS: its callers are servers, never web pages. */
export class CredentialVendingApi extends Construct {
  /** Where servers post their tokens to. */
  readonly url: string;
  readonly id: string;

  constructor(scope: Construct, id: string, { config, handler }: CredentialVendingApiProps) {
    super(scope, id);
    const name = vendingName(config);

    const accessLog = new CloudwatchLogGroup(this, "aws_cloudwatch_log_group.api_gateway", {
      name: `/aws/apigateway/${name}`,
      retentionInDays: config.logRetentionDays,
    });
    const api = new Apigatewayv2Api(this, "aws_apigatewayv2_api.credential_vending", {
      name,
      description: "Trades Cognito access tokens of servers for short-lived AWS credentials",
      protocolType: "HTTP",
      ...protection(config.deletionProtection),
    });
    const integration = new Apigatewayv2Integration(this, "aws_apigatewayv2_integration.credential_vending", {
      apiId: api.id,
      integrationType: "AWS_PROXY",
      integrationUri: handler.invokeArn,
      payloadFormatVersion: "2.0",
    });
    new Apigatewayv2Route(this, "aws_apigatewayv2_route.credential_vending", {
      apiId: api.id,
      routeKey: `POST ${ROUTE_PATH}`,
      target: `integrations/${integration.id}`,
    });
    new Apigatewayv2Stage(this, "aws_apigatewayv2_stage.credential_vending", {
      apiId: api.id,
      name: "$default",
      autoDeploy: true,
      accessLogSettings: { destinationArn: accessLog.arn, format: JSON.stringify(ACCESS_LOG_FORMAT) },
      defaultRouteSettings: {
        throttlingRateLimit: config.apiThrottlingRateLimit,
        throttlingBurstLimit: config.apiThrottlingBurstLimit,
      },
    });
    new LambdaPermission(this, "aws_lambda_permission.api_gateway", {
      statementId: "AllowAPIGatewayInvoke",
      action: "lambda:InvokeFunction",
      functionName: handler.functionName,
      principal: "apigateway.amazonaws.com",
      sourceArn: `${api.executionArn}/*/*`,
      lifecycle: {
        // Deployments that are taken over may have another id or path here: either would replace the permission, and
        // leave the API without it for a moment.
        ignoreChanges: ["statement_id", "source_arn"],
        replaceTriggeredBy: [`${api.terraformResourceType}.${api.friendlyUniqueId}.id`],
      },
    });

    this.id = api.id;
    this.url = `${api.apiEndpoint}${ROUTE_PATH}`;
  }
}
