import { type Fault, type KeyPath, type Problem, showKey } from "./fault";
import type { Outline } from "./outline";

/** A file of an environment that could be parsed: literal values, and where their keys stand. */
export interface SourceFile {
  readonly file: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly outline: Outline;
  /** Whether the value at a path may be a secret, which no fault shows. */
  readonly hides: (path: KeyPath) => boolean;
}

/** The fault that a problem is at a key of a file; without the value where it may be a secret. */
export function faultAt(source: SourceFile, path: KeyPath, problem: Problem, value?: unknown): Fault {
  return {
    file: source.file,
    ...(source.outline.positionOf(path) ?? {}),
    key: showKey(path),
    ...(value === undefined || source.hides(path) ? {} : { value }),
    message: problem.message,
    remedy: problem.remedy,
  };
}
