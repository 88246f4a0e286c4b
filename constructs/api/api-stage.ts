import { ApiGatewayMethodSettings } from "@cdktf/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { Construct } from "constructs";
import type { ApiConfig } from "../../config/schema/api-types";
import { ANSWER_FIELDS, REQUEST_FIELDS } from "../access-log";
import { reference } from "../terraform-text";

const STAGE = "aws_api_gateway_stage.api";
const ACCESS_LOG = "aws_cloudwatch_log_group.api_access";
const ERROR_LOG = "aws_cloudwatch_log_group.api_errors";

/** The fields of the access log; none of them holds a token: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html */
const ACCESS_LOG_FORMAT = {
  ...REQUEST_FIELDS,
  path: "$context.path",
  resourcePath: "$context.resourcePath",
  ...ANSWER_FIELDS,
  integrationLatency: "$context.integrationLatency",
  clientId: "$context.authorizer.claims.client_id",
  authorizerError: "$context.authorizer.error",
  integrationError: "$context.integrationErrorMessage",
};

export interface ApiStageProps {
  readonly config: ApiConfig;
  readonly restApiId: string;
  readonly deploymentId: string;
}

/** What is deployed of the REST API, under an address, with its throttle and its logs. */
export class ApiStage extends Construct {
  /** It ends with a slash. */
  readonly endpoint = `${reference(STAGE, "invoke_url")}/`;

  constructor(scope: Construct, id: string, { config, restApiId, deploymentId }: ApiStageProps) {
    super(scope, id);
    const { stageName, apiLogging } = config;
    if (apiLogging) this.logGroups(restApiId, config);
    new ApiGatewayStage(this, STAGE, {
      restApiId,
      deploymentId,
      stageName,
      ...(apiLogging
        ? {
            accessLogSettings: {
              destinationArn: reference(ACCESS_LOG, "arn"),
              format: JSON.stringify(ACCESS_LOG_FORMAT),
            },
            // API Gateway would make the error log itself, and keep it for ever.
            dependsOn: [{ fqn: ERROR_LOG }],
          }
        : {}),
    });
    new ApiGatewayMethodSettings(this, "aws_api_gateway_method_settings.all", {
      restApiId,
      stageName: reference(STAGE, "stage_name"),
      methodPath: "*/*",
      settings: {
        throttlingRateLimit: config.apiThrottlingRateLimit,
        throttlingBurstLimit: config.apiThrottlingBurstLimit,
        loggingLevel: apiLogging ? "ERROR" : "OFF",
        // It would log whole requests.
        dataTraceEnabled: false,
      },
    });
  }

  private logGroups(restApiId: string, { stageName, logRetentionDays: retentionInDays }: ApiConfig): void {
    new CloudwatchLogGroup(this, ACCESS_LOG, { name: `/aws/apigateway/${restApiId}/${stageName}`, retentionInDays });
    new CloudwatchLogGroup(this, ERROR_LOG, {
      name: `API-Gateway-Execution-Logs_${restApiId}/${stageName}`,
      retentionInDays,
    });
  }
}
