/** What allowed or refused something. */
export type Authority =
  | "emulator's IAM"
  | "policy evaluation"
  | "token endpoint"
  | "vending API"
  | "REST API"
  | "Cognito";

export interface Verdict {
  readonly by: Authority;
  /** "failed" for an error that is no refusal. */
  readonly outcome: "allowed" | "refused" | "failed";
  readonly why: string;
}

/** One thing that somebody tried, with what must come of it. */
export interface CheckRow {
  /** A server's name, or another's. */
  readonly subject: string;
  readonly operation: string;
  readonly where: string;
  /** Of an operation in the bucket: whether it was tried under the server's prefix, with all that the server has. */
  readonly place?: "inside" | "outside";
  /** Of a route of the API that a client tried with a token for all of its scopes: with which scopes it was deployed. */
  readonly when?: "as deployed" | "switched on";
  readonly expected: "allowed" | "refused";
  readonly verdicts: readonly Verdict[];
}

/** Whether every authority decided as expected; a row without a verdict proves nothing. */
export function meetsExpectation({ expected, verdicts }: CheckRow): boolean {
  return verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === expected);
}

/** Makes an attempt and says how it went; `refusal` gives the reason of a refusal, undefined for any other error. */
export async function verdictOf(
  by: Authority,
  attempt: () => Promise<unknown>,
  refusal: (error: unknown) => string | undefined,
): Promise<Verdict> {
  try {
    await attempt();
    return { by, outcome: "allowed", why: "" };
  } catch (error) {
    const why = refusal(error);
    if (why !== undefined) return { by, outcome: "refused", why };
    return { by, outcome: "failed", why: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Why AWS's policies refused, taken from the error's message; undefined for any other error. */
export function awsRefusal(error: unknown): string | undefined {
  const { name, message } = error as Error;
  if (name !== "AccessDenied" && name !== "AccessDeniedException") return undefined;
  return /\bbecause (.+)$/.exec(message)?.[1] ?? "AccessDenied";
}
