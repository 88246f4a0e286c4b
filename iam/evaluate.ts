import { runSimulation } from "@cloud-copilot/iam-simulate";

/** One question to IAM: may the caller do this, to that, under these circumstances? */
export interface AccessRequest {
  /** Like "s3:PutObject". */
  readonly action: string;
  /** The resource's ARN, or "*" for an action on none. */
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface Evaluation extends AccessRequest {
  /** The caller's ARN; a session's is `arn:aws:sts::<account>:assumed-role/<role>/<session>`. */
  readonly principal: string;
  /** The account that owns the resource. */
  readonly accountId: string;
  readonly identityPolicies: readonly { readonly name: string; readonly policy: unknown }[];
  /** The session may do only what this allows too. */
  readonly sessionPolicy?: unknown;
  /** The resource's own policy, like a role's trust policy. */
  readonly resourcePolicy?: unknown;
}

export interface Decision {
  readonly allowed: boolean;
  /** Why not, as AWS words it: "no session policy allows the s3:PutObject action". Empty when allowed. */
  readonly reason: string;
}

/**
 * Evaluates policies as IAM does, session policies and conditions included.
 * @throws {Error} where IAM would reject the policies or the request as invalid.
 */
export async function evaluate(evaluation: Evaluation): Promise<Decision> {
  const { principal, accountId, action, resource, context } = evaluation;
  const simulation = await runSimulation(
    {
      request: {
        principal,
        action,
        resource: { resource: resource === "*" ? resource : literally(resource), accountId },
        contextVariables: knownNames(context) as Record<string, string | string[]>,
      },
      identityPolicies: knownNames([...evaluation.identityPolicies]),
      sessionPolicy: knownNames(evaluation.sessionPolicy),
      resourcePolicy: knownNames(evaluation.resourcePolicy),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (simulation.resultType === "error") {
    throw new Error(`${action} on ${resource} cannot be evaluated: ${JSON.stringify(simulation.errors)}`);
  }
  if (simulation.overallResult === "Allowed") return { allowed: true, reason: "" };
  const analysis = simulation.resultType === "single" ? simulation.result.analysis : simulation.results.at(0)?.analysis;
  const refusing =
    analysis?.identityAnalysis?.result !== "Allowed"
      ? { kind: "identity-based", result: analysis?.identityAnalysis?.result }
      : evaluation.sessionPolicy !== undefined && analysis.sessionAnalysis?.result !== "Allowed"
        ? { kind: "session", result: analysis.sessionAnalysis?.result }
        : { kind: "resource-based", result: analysis.resourceAnalysis?.result };
  return {
    allowed: false,
    reason:
      refusing.result === "ExplicitlyDenied"
        ? `there is an explicit deny in the ${refusing.kind} policy`
        : `no ${refusing.kind} policy allows the ${action} action`,
  };
}

/** What IAM knows of an identity in every session that Cognito opens. */
const IDENTITY_KEY = /cognito-identity\.amazonaws\.com:(?=sub|aud|amr)/g;

/**
 * The simulator drops context keys that an action is not documented with, and Cognito's are documented with STS's only,
 * although they hold in every policy. Tags of the caller may have any name and hold everywhere: so these become some.
 */
function knownNames<T>(value: T): T {
  return value === undefined
    ? value
    : JSON.parse(JSON.stringify(value).replace(IDENTITY_KEY, "aws:PrincipalTag/cognito-identity.amazonaws.com-"));
}

/** The simulator reads wildcards in the requested resource; in S3 keys the same characters are literal. */
function literally(resource: string): string {
  return resource.replace(/[*?]/g, "_");
}
