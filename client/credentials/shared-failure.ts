import {
  AnswerError,
  type ClientError,
  type NetworkFault,
  RefusedError,
  UnavailableError,
  UnreachableError,
} from "../core/errors";
import { readPrivateFile, writeFileAtomically } from "../core/files";

/** A renewal that failed, kept for those who waited for it or come right after it. */
export interface SharedFailure {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly error: ClientError;
}

function failureFileName(name: string): string {
  return `${name}.failure.json`;
}

/** Keeps the failure; an error of another kind than this program's own is nobody else's. */
export function shareFailure(folder: string, name: string, error: unknown): void {
  const shared = error instanceof AnswerError || error instanceof UnreachableError;
  if (!shared) return;
  try {
    const { message } = error;
    writeFileAtomically(
      `${folder}/${failureFileName(name)}`,
      JSON.stringify({ ...error, kind: error.name, message, at: Date.now() }),
    );
  } catch {
    // Sharing saves others a request; that they cannot be saved it is no fault of this one.
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
    default:
      return undefined;
  }
}
