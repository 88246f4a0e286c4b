/**
 * What the function's metrics in CloudWatch are called; dashboard and alarms ask for these. It imports nothing:
 * constructs read it without loading the function.
 */
export const METRIC_NAMESPACE = "OidcS3Uploader";
export const METRIC_SERVICE = "credential-vending";

/** The dimensions of every metric, by name: the function's own, since environments share an account. */
export const SERVICE_DIMENSION = "service";
export const FUNCTION_DIMENSION = "function_name";
/** Of `Refused`, and of `DependencyFailure`, besides. */
export const REASON_DIMENSION = "reason";
export const DEPENDENCY_DIMENSION = "dependency";

export const METRICS = {
  vended: "Vended",
  refused: "Refused",
  latency: "Latency",
  dependencyFailure: "DependencyFailure",
  /** How much of what STS allows session policy and tags take, in percent. */
  packedPolicySize: "PackedPolicySize",
  sourceOutsideAllowed: "SourceOutsideAllowed",
  activityNotRecorded: "ActivityNotRecorded",
} as const;
