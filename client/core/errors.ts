/** What the process's exit code tells a script; docs/client.md has the same table and a test compares the two. */
export const EXIT_CODES = {
  ok: 0,
  /** A fault in this program: please report it. */
  unexpected: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A setting is missing or wrong. */
  settings: 3,
  /** The token endpoint, the vending API, S3 or an API that was called refused: trying again changes nothing. */
  refused: 4,
  /** A network fault, or the service answered that it cannot serve now: trying again later may help. */
  unreachable: 5,
  /** A file, a folder, the disk or the clock of this machine. */
  local: 6,
  /** A transfer failed, or the object does not exist. */
  transfer: 7,
  /** Ended by Ctrl-C or a signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

export interface ErrorDetail {
  /** What to do about it: one sentence, shown on a line of its own. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** Every fault that this program expects; anything else that is thrown is a fault of the program. */
export class ClientError extends Error {
  override readonly name: string = "ClientError";
  readonly remedy: string | undefined;

  /** @param code what kind of fault, in snake_case, for scripts: `--json` and the daemon's status carry it. */
  constructor(
    message: string,
    readonly code: string,
    readonly exitCode: ExitCode,
    detail: ErrorDetail = {},
  ) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.remedy = detail.remedy;
  }
}

/** The command line is wrong. */
export class UsageError extends ClientError {
  override readonly name = "UsageError";
  constructor(message: string, detail?: ErrorDetail) {
    super(message, "usage", EXIT_CODES.usage, detail);
  }
}

/** A setting is missing or wrong; `faults` has every one of them. */
export class SettingsError extends ClientError {
  override readonly name = "SettingsError";
  constructor(
    readonly faults: readonly string[],
    detail?: ErrorDetail,
  ) {
    super(faults.join("\n"), "settings", EXIT_CODES.settings, detail);
  }
}

/** Which service a fault is about; "API" is any that is called with a token. */
export type Service =
  | "token endpoint"
  | "vending API"
  | "API"
  | "user pool"
  | "identity pool"
  | "security token service"
  | "sign-in page";

export interface AnswerDetail extends ErrorDetail {
  readonly service: Service;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** The vending API's id of the request, for the platform team. */
  readonly requestId?: string | undefined;
  /** Seconds that the service asks to wait before the next try. */
  readonly retryAfterSeconds?: number | undefined;
  /** How far this machine's clock is ahead (positive) or behind (negative) of the service's, in seconds. */
  readonly clockAheadSeconds?: number | undefined;
}

/** A service answered, but not with what was requested; `code` is the service's own where it sent one. */
export class AnswerError extends ClientError {
  override readonly name: string = "AnswerError";
  readonly service: Service;
  readonly status: number;
  readonly requestId: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly clockAheadSeconds: number | undefined;

  constructor(message: string, code: string, exitCode: ExitCode, detail: AnswerDetail) {
    super(message, code, exitCode, detail);
    this.service = detail.service;
    this.status = detail.status;
    this.requestId = detail.requestId;
    this.retryAfterSeconds = detail.retryAfterSeconds;
    this.clockAheadSeconds = detail.clockAheadSeconds;
  }
}

/** A service refused this client: trying again changes nothing. */
export class RefusedError extends AnswerError {
  override readonly name = "RefusedError";
  constructor(message: string, code: string, detail: AnswerDetail) {
    super(message, code, EXIT_CODES.refused, detail);
  }
}

/** Nobody is signed in, or not any more: a person has to sign in before anything else helps. */
export class SignInNeededError extends ClientError {
  override readonly name = "SignInNeededError";
  constructor(message: string, detail?: ErrorDetail) {
    super(message, "sign_in_needed", EXIT_CODES.refused, detail);
  }
}

/** A service cannot serve now (429, 5xx) or something between here and there answered in its place. */
export class UnavailableError extends AnswerError {
  override readonly name = "UnavailableError";
  constructor(message: string, code: string, detail: AnswerDetail) {
    super(message, code, EXIT_CODES.unreachable, detail);
  }
}

/** What kept a request from being answered. */
export type NetworkFault = "dns" | "refused" | "timeout" | "tls" | "proxy" | "reset" | "no_route" | "unknown";

/** No answer: a network fault between here and `host`. */
export class UnreachableError extends ClientError {
  override readonly name = "UnreachableError";
  constructor(
    message: string,
    readonly fault: NetworkFault,
    /** host:port */
    readonly host: string,
    detail?: ErrorDetail,
  ) {
    super(message, `network_${fault}`, EXIT_CODES.unreachable, detail);
  }
}

/** A file, a folder or the disk of this machine. */
export class LocalError extends ClientError {
  override readonly name = "LocalError";
  constructor(message: string, code: string, detail?: ErrorDetail) {
    super(message, code, EXIT_CODES.local, detail);
  }
}

/** A transfer failed, or the object does not exist. */
export class TransferError extends ClientError {
  override readonly name = "TransferError";
  constructor(message: string, code: string, detail?: ErrorDetail) {
    super(message, code, EXIT_CODES.transfer, detail);
  }
}

/** Ended by Ctrl-C or a signal, or by the caller's AbortSignal. */
export class InterruptedError extends ClientError {
  override readonly name = "InterruptedError";
  constructor(message = "interrupted") {
    super(message, "interrupted", EXIT_CODES.interrupted);
  }
}
