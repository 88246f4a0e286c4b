import { MIN_SESSION_SECONDS } from "./client-role";

/**
 * Seconds that the vending function has for one request. A vending that read the table just before an operator wrote to
 * it may open a session so much later, and no later.
 */
export const LONGEST_VENDING_SECONDS = 10;

/** Seconds that credentials live which may only write: so long goes on, at most, what nobody looks after. */
export const WRITE_ONLY_SESSION_SECONDS = MIN_SESSION_SECONDS;

/** So many fit into a session policy beside the longest prefix. */
export const MAX_ALLOWED_CIDRS = 10;

/** Whether requests from other networks are refused, or only reported. */
export const CIDR_ENFORCEMENTS = ["report", "enforce"] as const;
export type CidrEnforcement = (typeof CIDR_ENFORCEMENTS)[number];

/**
 * What an operator has decided about one app client: an item of the client-controls table, which Terraform neither knows
 * nor undoes. A client without an item is under no control. All times are seconds since 1970.
 */
export interface ClientControl {
  readonly clientId: string;
  /** Gets no credentials. */
  readonly disabled: boolean;
  /** Gets credentials that may write and nothing else: backups go on, and nothing is read or deleted. */
  readonly writeOnly: boolean;
  /** When `disabled` and `writeOnly` end by themselves. */
  readonly until?: number | undefined;
  /** Access tokens that were issued before are refused. */
  readonly tokensNotBefore?: number | undefined;
  /** Networks that the client is to be used from, in CIDR notation. */
  readonly allowedCidrs?: readonly string[] | undefined;
  readonly cidrEnforcement?: CidrEnforcement | undefined;
  /** Until when the role's policy has to deny sessions that were revoked; later, that entry can go. */
  readonly sessionsDeniedUntil?: number | undefined;
  readonly reason?: string | undefined;
  /** The ARN of who changed it last. */
  readonly changedBy?: string | undefined;
  readonly changedAt?: number | undefined;
  /** Counts the changes, so that of two operators at once the second learns of the first. */
  readonly version: number;
}

/** A client under no control. */
export function noControl(clientId: string): ClientControl {
  return { clientId, disabled: false, writeOnly: false, version: 0 };
}

/** The control as it is at a time: `disabled` and `writeOnly` end with `until`. */
export function controlAt(control: ClientControl, seconds: number): ClientControl {
  if (control.until === undefined || seconds < control.until) return control;
  return { ...control, disabled: false, writeOnly: false, until: undefined };
}

/** The types of DynamoDB attributes that a control has. */
export type ControlAttribute =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly SS: readonly string[] };
export type ClientControlItem = Readonly<Record<string, ControlAttribute>>;

/** The record as a DynamoDB item: only what is set. */
export function clientControlItem(control: ClientControl): ClientControlItem {
  const { allowedCidrs, reason, changedBy, cidrEnforcement } = control;
  const number = (value: number | undefined) => (value === undefined ? undefined : { N: String(value) });
  const text = (value: string | undefined) => (value === undefined || value === "" ? undefined : { S: value });
  const attributes: Readonly<Record<keyof typeof READERS, ControlAttribute | undefined>> = {
    client_id: { S: control.clientId },
    disabled: control.disabled ? { BOOL: true } : undefined,
    mode: control.writeOnly ? { S: WRITE_ONLY } : undefined,
    until: number(control.until),
    tokens_not_before: number(control.tokensNotBefore),
    allowed_cidrs: allowedCidrs?.length ? { SS: allowedCidrs } : undefined,
    cidr_enforcement: allowedCidrs?.length ? text(cidrEnforcement) : undefined,
    sessions_denied_until: number(control.sessionsDeniedUntil),
    reason: text(reason),
    changed_by: text(changedBy),
    changed_at: number(control.changedAt),
    version: number(control.version),
  };
  return Object.fromEntries(
    Object.entries(attributes).filter((entry): entry is [string, ControlAttribute] => entry[1] !== undefined),
  );
}

/** A control that is not as the operators' command writes it. */
export class ClientControlError extends Error {
  override readonly name = "ClientControlError";
}

const WRITE_ONLY = "write-only";
/** The last second that a JavaScript date can have. */
const LAST_SECOND = 8.64e12;

type Reader = (attribute: { readonly [type: string]: unknown }, name: string) => Partial<ClientControl>;

/** How each attribute is read. */
const READERS = {
  client_id: (attribute, name) => ({ clientId: text(attribute, name) }),
  disabled: ({ BOOL }, name) => {
    if (typeof BOOL !== "boolean") throw fault(name, "true or false");
    return { disabled: BOOL };
  },
  mode: ({ S }, name) => {
    if (S !== WRITE_ONLY) throw fault(name, `"${WRITE_ONLY}"`);
    return { writeOnly: true };
  },
  until: (attribute, name) => ({ until: time(attribute, name) }),
  tokens_not_before: (attribute, name) => ({ tokensNotBefore: time(attribute, name) }),
  allowed_cidrs: ({ SS }, name) => {
    const cidrs = Array.isArray(SS) ? SS : [];
    if (cidrs.length === 0 || !cidrs.every((cidr) => typeof cidr === "string")) throw fault(name, "a set of strings");
    return { allowedCidrs: cidrs };
  },
  cidr_enforcement: ({ S }, name) => {
    const enforcement = CIDR_ENFORCEMENTS.find((known) => known === S);
    if (enforcement === undefined) throw fault(name, CIDR_ENFORCEMENTS.map((word) => `"${word}"`).join(" or "));
    return { cidrEnforcement: enforcement };
  },
  sessions_denied_until: (attribute, name) => ({ sessionsDeniedUntil: time(attribute, name) }),
  reason: (attribute, name) => ({ reason: text(attribute, name) }),
  changed_by: (attribute, name) => ({ changedBy: text(attribute, name) }),
  changed_at: (attribute, name) => ({ changedAt: time(attribute, name) }),
  version: (attribute, name) => ({ version: time(attribute, name) }),
} as const satisfies Readonly<Record<string, Reader>>;

/**
 * Reads an item of the client-controls table. An attribute that is not known is a fault: it could be a restriction.
 * @throws {ClientControlError} where it is not as {@link clientControlItem} writes it.
 */
export function parseClientControlItem(item: Readonly<Record<string, unknown>>): ClientControl {
  let control: ClientControl = noControl("");
  for (const [name, attribute] of Object.entries(item)) {
    const read: Reader | undefined = Object.hasOwn(READERS, name) ? READERS[name as keyof typeof READERS] : undefined;
    // Its name is left out: it comes from elsewhere, and this message goes into a log.
    if (read === undefined) throw new ClientControlError("the client-controls table's item has an unknown attribute");
    control = { ...control, ...read((attribute ?? {}) as Record<string, unknown>, name) };
  }
  if (control.clientId === "") throw fault("client_id", "a string");
  if ((control.allowedCidrs === undefined) !== (control.cidrEnforcement === undefined)) {
    throw fault("cidr_enforcement", "there where allowed_cidrs is, and only there");
  }
  return control;
}

function text({ S }: { readonly S?: unknown }, name: string): string {
  if (typeof S !== "string" || S === "") throw fault(name, "a string");
  return S;
}

function time({ N }: { readonly N?: unknown }, name: string): number {
  const seconds = typeof N === "string" && N !== "" ? Number(N) : Number.NaN;
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > LAST_SECOND) throw fault(name, "a whole number");
  return seconds;
}

function fault(attribute: string, expected: string): ClientControlError {
  return new ClientControlError(`the client-controls table's attribute ${attribute} is not ${expected}`);
}
