import { scopesInClaim } from "../access/permission-level";
import type { AssumeRole } from "./assume-role";
import { authorise } from "./authorise";
import { deadlineOf } from "./deadline";
import { enforceControl } from "./enforce-control";
import { VendingError } from "./errors";
import { FUNCTION_TIMEOUT_SECONDS } from "./limits";
import type { LookUpClient } from "./look-up-client";
import type { Observer, Subject } from "./observability";
import { type HttpEvent, parseRequest } from "./parse-request";
import type { RecordActivity } from "./record-activity";
import { type Destination, failure, type HttpResult, success } from "./respond";
import type { VerifyToken } from "./verify-token";

export interface VendingDependencies {
  readonly verifyToken: VerifyToken;
  readonly lookUpClient: LookUpClient;
  readonly recordActivity: RecordActivity;
  readonly assumeRole: AssumeRole;
  readonly observer: Observer;
  readonly destination: Destination;
  readonly resourceServerIdentifier: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The parts of Lambda's context that are used; a caller without one has the function's whole time. */
export interface InvocationContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis?(): number;
}

export type VendingHandler = (event: HttpEvent, context?: InvocationContext) => Promise<HttpResult>;

/** Makes the handler of `POST /credentials`: parse ▶ verify ▶ look up ▶ enforce control ▶ authorise ▶ record activity ▶ assume role ▶ respond. */
export function createHandler(dependencies: VendingDependencies): VendingHandler {
  return async (event, context = {}) => {
    const startedAt = performance.now();
    const requestId = event.requestContext?.requestId ?? context.awsRequestId ?? "unknown";
    const subject: Subject = {};
    const decided = (refusal?: VendingError) =>
      dependencies.observer.decided({
        subject,
        requestId,
        functionRequestId: context.awsRequestId,
        durationMs: performance.now() - startedAt,
        refusal,
      });
    try {
      const result = await vend(dependencies, event, remainingTime(context, startedAt), subject);
      decided();
      return result;
    } catch (error) {
      const refusal = error instanceof VendingError ? error : unexpected(error);
      decided(refusal);
      return failure(refusal, requestId);
    }
  };
}

async function vend(
  dependencies: VendingDependencies,
  event: HttpEvent,
  remainingTimeMs: () => number,
  subject: Subject,
): Promise<HttpResult> {
  const { verifyToken, lookUpClient, recordActivity, assumeRole, destination, now = Date.now } = dependencies;
  const deadline = deadlineOf(remainingTimeMs);
  const request = parseRequest(event);
  const token = await verifyToken(request.accessToken, deadline);
  subject.clientId = token.clientId;
  const requested = scopesInClaim(token.scope, dependencies.resourceServerIdentifier);
  subject.scopesRequested = requested;
  const { role, control } = await lookUpClient(token.clientId, deadline);
  subject.server = role.serverName;
  const sourceIp = event.requestContext?.http?.sourceIp;
  if (control?.allowedCidrs) subject.sourceIp = sourceIp;
  const admission = enforceControl(control, { issuedAt: token.issuedAt, sourceIp, now: now() });
  if (admission.sourceOutside) subject.sourceOutside = true;
  const grant = admission.narrow(authorise(requested, role, request.durationSeconds));
  subject.scopesGranted = grant.scopes;
  recordActivity(token.clientId, request.secretFingerprint);
  const credentials = await assumeRole(role, grant, deadline);
  subject.packedPolicySize = credentials.packedPolicySize;
  return success(credentials, role, destination);
}

function remainingTime(context: InvocationContext, startedAt: number): () => number {
  return (
    context.getRemainingTimeInMillis?.bind(context) ??
    (() => FUNCTION_TIMEOUT_SECONDS * 1000 - (performance.now() - startedAt))
  );
}

/** A fault of ours: its name and its place, which the source map reads. Its message could hold anything. */
function unexpected(error: unknown): VendingError {
  if (!(error instanceof Error)) return new VendingError("unexpected", { detail: typeof error });
  const { name, message, stack = "" } = error;
  const trace = stack.slice(stack.indexOf(message) + message.length);
  return new VendingError("unexpected", { detail: name, place: /\n\s+at (.{1,200})/.exec(trace)?.[1] });
}
