import { APIGatewayClient, type APIGatewayClientConfig, GetAccountCommand } from "@aws-sdk/client-api-gateway";
import { LOGGING_REFUSAL } from "../config/rules/api-logging";
import { type Asked, clientOptions } from "./caller-identity";

/** The role that API Gateway writes the logs of REST APIs by, if it has one; or why AWS does not say. */
export type LoggingRole = { readonly role: string | undefined } | { readonly refused: string };

/** Asks API Gateway for the settings of the account in a region; it takes the permission apigateway:GET for /account. */
export async function loggingRole(asked: Asked, more: APIGatewayClientConfig = {}): Promise<LoggingRole> {
  const apiGateway = new APIGatewayClient({ ...clientOptions(asked), ...more });
  try {
    const { cloudwatchRoleArn } = await apiGateway.send(new GetAccountCommand({}));
    return { role: cloudwatchRoleArn || undefined };
  } catch (error) {
    return { refused: (error as Error).name };
  } finally {
    apiGateway.destroy();
  }
}

const ROLE_NAME = "api-gateway-logs";
const POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs";
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "apigateway.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/** What is right or wrong with the role, for people, and what to do where it is missing. */
export function loggingVerdict(
  found: LoggingRole,
  { region, account, arn }: { readonly region: string; readonly account: string; readonly arn: string },
): { readonly words: string; readonly fits: boolean; readonly remedies: readonly string[] } {
  if ("refused" in found) {
    const words = `whether API Gateway has a role for API logs is not known: AWS does not say (${found.refused})`;
    return { words, fits: true, remedies: ["Ask for apigateway:GET on /account, or see docs/api.md#logs"] };
  }
  if (found.role !== undefined) return { words: `API logs are written by ${found.role}`, fits: true, remedies: [] };
  const partition = arn.split(":")[1] || "aws";
  return {
    words: `NO ROLE FOR API LOGS: api_logging is true, and API Gateway has no role for logs in account ${account}, ${region}. A deployment ends with "${LOGGING_REFUSAL}"`,
    fits: false,
    remedies: [
      `Make the role, once for all REST APIs of the account, and set it in ${region}; or take api_logging out:`,
      `aws iam create-role --role-name ${ROLE_NAME} --assume-role-policy-document '${TRUST}'`,
      `aws iam attach-role-policy --role-name ${ROLE_NAME} --policy-arn arn:${partition}:iam::aws:policy/${POLICY}`,
      `aws apigateway update-account --region ${region} --patch-operations op=replace,path=/cloudwatchRoleArn,value=arn:${partition}:iam::${account}:role/${ROLE_NAME}`,
    ],
  };
}
