import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Scope } from "../access/permission-level";
import { safeDetail } from "./aws-call";
import type { VendingError } from "./errors";
import type { Dependency } from "./limits";
import {
  DEPENDENCY_DIMENSION,
  FUNCTION_DIMENSION,
  METRIC_NAMESPACE,
  METRIC_SERVICE,
  METRICS,
  REASON_DIMENSION,
} from "./metric-names";

/** Who asked for what, as far as it is known and verified when the decision falls. */
export interface Subject {
  clientId?: string;
  server?: string;
  scopesRequested?: readonly Scope[];
  scopesGranted?: readonly Scope[];
  /** The caller's address, of a client that is to be used from some networks alone. */
  sourceIp?: string | undefined;
  /** That it is in none of them, and was served all the same: its control only reports. */
  sourceOutside?: boolean;
  /** How much of what STS allows session policy and tags take, in percent. */
  packedPolicySize?: number | undefined;
}

export interface Decision {
  readonly subject: Subject;
  /** API Gateway's id, which the caller sees too. */
  readonly requestId: string;
  /** Lambda's id. */
  readonly functionRequestId: string | undefined;
  readonly durationMs: number;
  /** Why not; absent when credentials were vended. */
  readonly refusal?: VendingError | undefined;
}

export interface Observer {
  /** Writes one log line and the metrics of one request. */
  decided(decision: Decision): void;
  /** Says that a client's activity was not written: reports will call it silent. */
  activityNotRecorded(clientId: string, error: unknown): void;
}

/**
 * Logs decisions as JSON and counts them in CloudWatch's embedded metric format. Only the fields named here are
 * written, never an event, an error object or a message from elsewhere: those hold tokens and ARNs.
 * @param functionName as Lambda has it in `AWS_LAMBDA_FUNCTION_NAME`.
 */
export function createObserver(functionName = "unknown"): Observer {
  const logger = new Logger({ serviceName: METRIC_SERVICE, logLevel: "INFO" });
  const metrics = new Metrics({
    namespace: METRIC_NAMESPACE,
    serviceName: METRIC_SERVICE,
    defaultDimensions: { [FUNCTION_DIMENSION]: functionName },
  });
  return {
    decided: (decision) => {
      log(logger, decision);
      count(metrics, decision);
    },
    activityNotRecorded: (clientId, error) => {
      logger.warn("activity not recorded", { client_id: clientId, ...safeDetail(error) });
      metrics.singleMetric().addMetric(METRICS.activityNotRecorded, MetricUnit.Count, 1);
    },
  };
}

function log(logger: Logger, { subject, requestId, functionRequestId, durationMs, refusal }: Decision): void {
  const fields = {
    request_id: requestId,
    function_request_id: functionRequestId,
    client_id: subject.clientId,
    server: subject.server,
    scopes_requested: subject.scopesRequested,
    scopes_granted: subject.scopesGranted,
    source_ip: subject.sourceIp,
    source_outside_allowed: subject.sourceOutside,
    decision: refusal ? "refused" : "vended",
    duration_ms: Math.round(durationMs),
    ...(refusal && { status: refusal.status, error: refusal.code, reason: refusal.reason, ...refusal.detail }),
  };
  if (!refusal) logger.info("credentials vended", fields);
  else if (refusal.status >= 500) logger.error("request not served", fields);
  else logger.warn("request refused", fields);
}

function count(metrics: Metrics, { subject, durationMs, refusal }: Decision): void {
  metrics.addMetric(METRICS.latency, MetricUnit.Milliseconds, durationMs);
  if (!refusal) metrics.addMetric(METRICS.vended, MetricUnit.Count, 1);
  if (subject.sourceOutside) metrics.addMetric(METRICS.sourceOutsideAllowed, MetricUnit.Count, 1);
  const { packedPolicySize } = subject;
  if (packedPolicySize !== undefined) metrics.addMetric(METRICS.packedPolicySize, MetricUnit.Percent, packedPolicySize);
  metrics.publishStoredMetrics();
  if (!refusal) return;
  const refused = metrics.singleMetric();
  refused.addDimension(REASON_DIMENSION, refusal.reason);
  refused.addMetric(METRICS.refused, MetricUnit.Count, 1);
  const dependency = failedDependency(refusal);
  if (!dependency) return;
  const failed = metrics.singleMetric();
  failed.addDimension(DEPENDENCY_DIMENSION, dependency);
  failed.addMetric(METRICS.dependencyFailure, MetricUnit.Count, 1);
}

function failedDependency({ reason, detail }: VendingError): Dependency | undefined {
  return reason === "keys_unavailable" ? "jwks" : (detail.dependency as Dependency | undefined);
}
