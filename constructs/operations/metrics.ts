import { vendingName } from "../../access/names";
import type { FoundationConfig } from "../../config/schema/types";
import type { Reason } from "../../lambda/errors";
import type { Dependency } from "../../lambda/limits";
import {
  DEPENDENCY_DIMENSION,
  FUNCTION_DIMENSION,
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  REASON_DIMENSION,
  SERVICE_DIMENSION,
} from "../../lambda/metric-names";

/** One metric of CloudWatch, and how its values become one. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/**
 * Requests a second that AWS lets through for all of an account and region, not adjustable for Cognito:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/quotas.html, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const QUOTAS = { tokenRequests: 150, assumeRole: 600 } as const;

/** Every metric that is about one environment, by what it says. */
export function environmentMetrics(config: FoundationConfig, apiId: string) {
  const functionName = vendingName(config);
  const own = (name: string, statistic = "Sum", more: Readonly<Record<string, string>> = {}): Metric => ({
    namespace: METRIC_NAMESPACE,
    name,
    dimensions: { [SERVICE_DIMENSION]: METRIC_SERVICE, [FUNCTION_DIMENSION]: functionName, ...more },
    statistic,
  });
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
  const gateway = (name: string, statistic = "Sum"): Metric => ({
    namespace: "AWS/ApiGateway",
    name,
    dimensions: { ApiId: apiId },
    statistic,
  });
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  const lambda = (name: string, statistic = "Sum"): Metric => ({
    namespace: "AWS/Lambda",
    name,
    dimensions: { FunctionName: functionName },
    statistic,
  });
  return {
    vended: own(METRICS.vended),
    refused: (reason: Reason) => own(METRICS.refused, "Sum", { [REASON_DIMENSION]: reason }),
    dependencyFailure: (dependency: Dependency) =>
      own(METRICS.dependencyFailure, "Sum", { [DEPENDENCY_DIMENSION]: dependency }),
    latency: (statistic: "p50" | "p99") => own(METRICS.latency, statistic),
    packedPolicySize: own(METRICS.packedPolicySize, "Maximum"),
    sourceOutsideAllowed: own(METRICS.sourceOutsideAllowed),
    activityNotRecorded: own(METRICS.activityNotRecorded),
    requests: gateway("Count"),
    clientErrors: gateway("4xx"),
    serverErrors: gateway("5xx"),
    functionErrors: lambda("Errors"),
    functionThrottles: lambda("Throttles"),
    functionsAtOnce: lambda("ConcurrentExecutions", "Maximum"),
    /**
     * Of all user pools of the account and region, as the quota is:
     * https://docs.aws.amazon.com/cognito/latest/developerguide/metrics-for-cognito-user-pools.html
     */
    tokenRequests: {
      namespace: "AWS/Usage",
      name: "CallCount",
      dimensions: { Service: "Cognito", Type: "API", Resource: "ClientAuthentication", Class: "None" },
      statistic: "Sum",
    } satisfies Metric,
  };
}
export type EnvironmentMetrics = ReturnType<typeof environmentMetrics>;

/** The schema and the filter that find `Refused` of one function by every reason that came up. */
export function refusedByReason(config: FoundationConfig): string {
  const schema = [METRIC_NAMESPACE, FUNCTION_DIMENSION, REASON_DIMENSION, SERVICE_DIMENSION].join(",");
  return `{${schema}} MetricName="${METRICS.refused}" ${FUNCTION_DIMENSION}="${vendingName(config)}"`;
}
