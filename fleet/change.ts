import { type ClientControl, controlAt, LONGEST_VENDING_SECONDS } from "../access/client-control";
import { lastSessionEnd } from "../access/session-revocation";

/** What the command is asked for cannot be done; the message says why and what to do. */
export class FleetError extends Error {
  override readonly name = "FleetError";
}

/** What changes a server's control. */
export const CHANGES = ["disable", "enable", "quarantine", "pause", "revoke", "networks"] as const;
export type Change = (typeof CHANGES)[number];

/** A change as it is asked for; times are seconds since 1970, by AWS's clock. */
export interface ChangeRequest {
  readonly change: Change;
  readonly reason?: string | undefined;
  readonly until?: number | undefined;
  /** Networks that it is to be used from; none for any. */
  readonly from?: readonly string[] | undefined;
  readonly enforce?: boolean | undefined;
  readonly now: number;
  /** The ARN of who asks. */
  readonly by: string;
}

/**
 * The control after a change, or the same object where it says all of that already.
 * @throws {FleetError} where a change that takes away would give: a later end, or more than an earlier change left.
 */
export function changed(stored: ClientControl, request: ChangeRequest): ClientControl {
  const current = withoutEnded(stored, request.now);
  const wanted = { ...current, ...switches(current, request) };
  if (request.change !== "enable") refuseToLoosen(current, wanted);
  if (request.change !== "revoke" && sameSwitches(stored, wanted)) return stored;
  return { ...wanted, changedBy: request.by, changedAt: request.now, version: stored.version + 1 };
}

/** A stored control without what has ended by itself. */
export function withoutEnded(stored: ClientControl, now: number): ClientControl {
  const control = controlAt(stored, now);
  return control.sessionsDeniedUntil !== undefined && control.sessionsDeniedUntil <= now
    ? { ...control, sessionsDeniedUntil: undefined }
    : control;
}

function switches(current: ClientControl, request: ChangeRequest): Partial<ClientControl> {
  const { change, reason, until, now, from = [], enforce } = request;
  switch (change) {
    case "enable":
      return { disabled: false, writeOnly: false, until: undefined, reason };
    case "quarantine":
      return { disabled: false, writeOnly: true, until, reason };
    case "networks":
      if (from.length === 0) return { allowedCidrs: undefined, cidrEnforcement: undefined, reason };
      return { allowedCidrs: [...from].sort(), cidrEnforcement: enforce ? "enforce" : "report", reason };
    case "revoke": {
      // A vending that read the control a moment ago may still open a session: tokens are refused from after that, so that
      // no session of a new token is denied with the old ones. An earlier operator's clock never takes anything back.
      const before = Math.max(current.tokensNotBefore ?? 0, now + LONGEST_VENDING_SECONDS);
      return { tokensNotBefore: before, sessionsDeniedUntil: lastSessionEnd(before), reason };
    }
    default:
      return { disabled: true, writeOnly: false, until, reason };
  }
}

function refuseToLoosen(current: ClientControl, wanted: ClientControl): void {
  if (!current.disabled && !current.writeOnly) return;
  const end = ({ until = Number.POSITIVE_INFINITY }: ClientControl) => until;
  if (end(wanted) >= end(current) && (wanted.disabled || !current.disabled)) return;
  throw new FleetError(
    `is ${current.disabled ? "disabled" : "write-only"} ${current.until === undefined ? "without an end" : `until ${iso(current.until)}`}, which this would loosen: enable it first`,
  );
}

function sameSwitches(a: ClientControl, b: ClientControl): boolean {
  const keys = ["disabled", "writeOnly", "until", "reason", "sessionsDeniedUntil", "cidrEnforcement"] as const;
  // DynamoDB gives a set in an order of its own.
  const networks = ({ allowedCidrs = [] }: ClientControl) => [...allowedCidrs].sort().join();
  return keys.every((key) => a[key] === b[key]) && networks(a) === networks(b);
}

/** A time as it is printed: ISO 8601 in UTC, to the second. */
export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** What is true of a control at a time, in words; empty where it restricts nothing. */
export function restrictions(stored: ClientControl, now: number): string[] {
  const control = withoutEnded(stored, now);
  const { tokensNotBefore, sessionsDeniedUntil, allowedCidrs } = control;
  const end = control.until === undefined ? "until it is enabled" : `until ${iso(control.until)}`;
  return [
    ...(control.disabled ? [`disabled ${end}`] : []),
    ...(control.writeOnly ? [`write-only ${end}`] : []),
    ...(tokensNotBefore === undefined ? [] : [`tokens from before ${iso(tokensNotBefore)} are refused`]),
    ...(tokensNotBefore === undefined || sessionsDeniedUntil === undefined
      ? []
      : [`sessions from before ${iso(tokensNotBefore)} are denied`]),
    ...(allowedCidrs === undefined ? [] : [`networks ${allowedCidrs.join(", ")} (${control.cidrEnforcement})`]),
  ];
}
