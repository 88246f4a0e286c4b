/** Something about a state resource that is not as it should be, and the remedy. */
export interface Finding {
  readonly text: string;
  readonly remedy: string;
}

export interface Outcome {
  /** "would-make" is a dry run's "made". */
  readonly action: "made" | "would-make" | "exists";
  /** What it is like, in a few words. */
  readonly traits: readonly string[];
  readonly findings: readonly Finding[];
}

/** The name of an AWS SDK error, which says what went wrong better than its class does. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

export function errorStatus(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
