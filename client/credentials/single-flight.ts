import { type Backoff, backoffMs, LONGEST_RETRY_AFTER_MS, pauseFor, retryAfterMs } from "../core/backoff";
import {
  AnswerError,
  ClientError,
  EXIT_CODES,
  LocalError,
  type NetworkFault,
  RefusedError,
  SignInNeededError,
  UnavailableError,
  UnreachableError,
} from "../core/errors";
import { readPrivateFile, writeFileAtomically } from "../core/files";
import { type Lock, tryLock } from "./lock";

export interface Flight<T> {
  readonly folder: string;
  /** What is renewed: processes that use the same name wait for each other. */
  readonly name: string;
  /** The result, if it is there already; called repeatedly while another process works on it. */
  readonly look: () => T | undefined;
  readonly work: () => Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which another process's work is not waited for any longer; no limit by default. */
  readonly patienceMs?: number | undefined;
}

const BETWEEN_LOOKS: Backoff = { firstMs: 20, longestMs: 200, factor: 1.5, spread: [0.5, 1.5] };

/** Lets one of the processes that want the same thing do the work; the others take its result or its failure. */
export async function singleFlight<T>(flight: Flight<T>): Promise<T> {
  const { folder, name, look, work, signal, patienceMs = Number.POSITIVE_INFINITY } = flight;
  const began = Date.now();
  const arrived = (): { value: T } | undefined => {
    const value = look();
    if (value !== undefined) return { value };
    const failure = readSharedFailure(folder, name);
    if (failure && failure.at >= began) throw failure.error;
    return undefined;
  };
  for (let looks = 1; ; looks++) {
    const lock = lockIn(folder, name);
    if (lock) {
      try {
        // Between the last look and the lock another process may have finished.
        return arrived()?.value ?? (await workAndShare(folder, name, work));
      } finally {
        lock.release();
      }
    }
    if (Math.abs(Date.now() - began) > patienceMs) {
      throw new ClientError(
        "another process has not finished renewing them",
        "renewing_elsewhere",
        EXIT_CODES.unreachable,
      );
    }
    await pauseFor(backoffMs(BETWEEN_LOOKS, looks), signal);
    const result = arrived();
    if (result) return result.value;
  }
}

async function workAndShare<T>(folder: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    shareFailure(folder, name, error);
    throw error;
  }
}

function lockIn(folder: string, name: string): Lock | undefined {
  try {
    return tryLock(`${folder}/${name}.lock`);
  } catch (error) {
    throw new LocalError(
      `the cache ${folder} cannot be written to (${(error as NodeJS.ErrnoException).code})`,
      "cache_unusable",
      { cause: error },
    );
  }
}

/** A failed renewal, kept for the processes that waited for it or come right after it. */
export interface SharedFailure {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly error: ClientError;
}

function failureFileName(name: string): string {
  return `${name}.failure.json`;
}

/** Keeps the failure for others, if it is one of a service or the network: any other concerns this process alone. */
export function shareFailure(folder: string, name: string, error: unknown): void {
  const shared =
    error instanceof AnswerError || error instanceof UnreachableError || error instanceof SignInNeededError;
  if (!shared) return;
  try {
    const { message } = error;
    writeFileAtomically(
      `${folder}/${failureFileName(name)}`,
      JSON.stringify({ ...error, kind: error.name, message, at: Date.now() }),
    );
  } catch {
    // Sharing only saves others a request.
  }
}

export function readSharedFailure(folder: string, name: string): SharedFailure | undefined {
  const text = readPrivateFile(folder, failureFileName(name));
  if (text === undefined) return undefined;
  try {
    const { at, ...kept } = JSON.parse(text) as Record<string, unknown> & { at: number };
    const error = revived(kept);
    return typeof at === "number" && error ? { at, error } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Throws the last failure again where it is too early for another request: the service asked for a pause, or the
 * caller's own is not over.
 */
export function respectEarlierFailure(folder: string, name: string, ownPauseMs = 0): void {
  const failure = readSharedFailure(folder, name);
  if (!failure) return;
  const { error } = failure;
  const asked = error instanceof UnavailableError ? retryAfterMs(error) : 0;
  const wait = Math.max(ownPauseMs, Math.min(asked, LONGEST_RETRY_AFTER_MS.betweenCommands));
  const age = Date.now() - failure.at;
  if (age >= 0 && age < wait) throw error;
}

function revived(kept: Readonly<Record<string, unknown>>): ClientError | undefined {
  const message = String(kept.message);
  const code = String(kept.code);
  const detail = kept as unknown as ConstructorParameters<typeof RefusedError>[2];
  switch (kept.kind) {
    case "RefusedError":
      return new RefusedError(message, code, detail);
    case "UnavailableError":
      return new UnavailableError(message, code, detail);
    case "UnreachableError":
      return new UnreachableError(message, kept.fault as NetworkFault, String(kept.host), {
        remedy: String(kept.remedy),
      });
    case "SignInNeededError":
      return new SignInNeededError(message, { remedy: String(kept.remedy) });
    default:
      return undefined;
  }
}
