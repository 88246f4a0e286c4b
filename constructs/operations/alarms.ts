import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmConfig,
} from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import type { FoundationConfig } from "../../config/schema/types";
import type { Reason } from "../../lambda/errors";
import { environmentMetrics, type Metric, QUOTAS } from "./metrics";

export interface AlarmsProps {
  readonly config: FoundationConfig;
  readonly apiId: string;
  /** The SNS topic that is told when an alarm goes on or off. */
  readonly topicArn: string;
}

/** Seconds of one value that is judged. */
const PERIOD = 300;

type Condition = Pick<
  CloudwatchMetricAlarmConfig,
  | "threshold"
  | "period"
  | "evaluationPeriods"
  | "metricName"
  | "namespace"
  | "dimensions"
  | "statistic"
  | "extendedStatistic"
  | "metricQuery"
>;

/** The alarms of one environment. Where nothing is measured, all is well: an idle night is no incident. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { config, apiId, topicArn }: AlarmsProps) {
    super(scope, id);
    const metrics = environmentMetrics(config, apiId);
    const { alarmLatencyMs, alarmQuotaPercent, alarmRefusals, alarmServerErrors } = config;
    const alarm = (name: string, description: string, condition: Condition) =>
      new CloudwatchMetricAlarm(this, `aws_cloudwatch_metric_alarm.${name}`, {
        alarmName: `${config.projectName}-${config.environment}-${name.replaceAll("_", "-")}`,
        alarmDescription: `${description} docs/runbooks/ says what to do.`,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        treatMissingData: "notBreaching",
        alarmActions: [topicArn],
        okActions: [topicArn],
        ...condition,
      });
    const counted = (metric: Metric, threshold: number): Condition => ({ ...judged(metric), threshold });
    const refused = (reason: Reason, threshold: number) => counted(metrics.refused(reason), threshold);

    alarm("server_errors", "The vending API answers 5xx.", counted(metrics.serverErrors, alarmServerErrors));
    alarm("latency", "Vending takes long (p99 of the function, in ms).", {
      ...judged(metrics.latency("p99")),
      threshold: alarmLatencyMs,
      evaluationPeriods: 3,
    });
    alarm("dependency_throttled", "DynamoDB or STS throttles the function.", refused("dependency_throttled", 1));
    alarm("token_quota", "Token requests near Cognito's quota, of all pools of the account, in percent.", {
      ...shareOf(metrics.tokenRequests, QUOTAS.tokenRequests),
      threshold: alarmQuotaPercent,
    });
    alarm("assume_role_quota", "Vendings near STS's quota of AssumeRole, in percent.", {
      ...shareOf(metrics.vended, QUOTAS.assumeRole),
      threshold: alarmQuotaPercent,
    });
    alarm(
      "signature_invalid",
      "Tokens with wrong signatures: somebody tries.",
      refused("signature_invalid", alarmRefusals),
    );
    alarm(
      "key_unknown",
      "Tokens signed with keys that the user pool does not have.",
      refused("key_unknown", alarmRefusals),
    );
    alarm(
      "client_unknown",
      "Tokens of clients without an entry: a server that was removed, or an entry that was.",
      refused("client_unknown", alarmRefusals),
    );
    alarm(
      "role_outside_deployment",
      "An entry of the client-roles table names a role that is none of this environment's: somebody else wrote it.",
      refused("role_outside_deployment", 1),
    );
    alarm("control_malformed", "A server is refused for a malformed control.", refused("control_malformed", 1));
  }
}

function judged({ namespace, name, dimensions, statistic }: Metric): Omit<Condition, "threshold"> {
  return {
    namespace,
    metricName: name,
    dimensions: { ...dimensions },
    ...(statistic.startsWith("p") ? { extendedStatistic: statistic } : { statistic }),
    period: PERIOD,
    evaluationPeriods: 1,
  };
}

/** What part of a quota of requests a second is used, in percent. */
function shareOf({ namespace, name, dimensions, statistic }: Metric, quota: number): Omit<Condition, "threshold"> {
  const metric = { namespace, metricName: name, dimensions: { ...dimensions }, period: PERIOD, stat: statistic };
  return {
    evaluationPeriods: 1,
    metricQuery: [
      { id: "used", metric, returnData: false },
      { id: "share", expression: `100*used/${PERIOD}/${quota}`, label: "percent of the quota", returnData: true },
    ],
  };
}
