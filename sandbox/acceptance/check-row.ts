/** Who allowed or refused something. */
export type Authority = "emulator's IAM" | "policy evaluation" | "token endpoint" | "vending API";

export interface Verdict {
  readonly by: Authority;
  /** "failed" where it was neither allowed nor refused, but went wrong. */
  readonly outcome: "allowed" | "refused" | "failed";
  readonly why: string;
}

/** One line of the loop's table. */
export interface CheckRow {
  readonly subject: string;
  readonly operation: string;
  readonly where: string;
  readonly mustBe: "allowed" | "refused";
  readonly verdicts: readonly Verdict[];
}

/** Whether everyone who was asked decided as must be; nobody asked is nothing proven. */
export function isAsMustBe({ mustBe, verdicts }: CheckRow): boolean {
  return verdicts.length > 0 && verdicts.every(({ outcome }) => outcome === mustBe);
}

/** Carries something out and says how it went; `refusal` tells a refusal's reason from a mishap. */
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

/** AWS's own error for what policies do not allow, with the part of its message that says why. */
export function awsRefusal(error: unknown): string | undefined {
  const { name, message } = error as Error;
  if (name !== "AccessDenied" && name !== "AccessDeniedException") return undefined;
  return /\bbecause (.+)$/.exec(message)?.[1] ?? "AccessDenied";
}
