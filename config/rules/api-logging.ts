import type { ApiConfig } from "../schema/api-types";

/** How AWS refuses a stage with logs where API Gateway has no role to write them by. */
export const LOGGING_REFUSAL = "CloudWatch Logs role ARN must be set in account settings to enable logging";

/** Whether the layer has a stage that writes logs. */
export function writesApiLogs({ apiLogging, routes }: Pick<ApiConfig, "apiLogging" | "routes">): boolean {
  return apiLogging && routes.length > 0;
}

/**
 * What is told before a deployment that writes logs: whether API Gateway has the role for it is a setting of the account,
 * which no file says and no data source of the AWS provider reads.
 */
export function loggingNote(config: ApiConfig): string | undefined {
  if (!writesApiLogs(config)) return undefined;
  const { environment } = config;
  return [
    `api-${environment} has api_logging = true. API Gateway writes the logs by a role, set once for an account in each region;`,
    `without it AWS refuses the stage: "${LOGGING_REFUSAL}".`,
    `Whether it is there, and how to make it: npm run check-aws -- ${environment} (docs/api.md#logs).`,
  ].join("\n");
}
