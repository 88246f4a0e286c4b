/** What allowed or refused something. */
export type Authority = "emulator's IAM" | "policy evaluation" | "token endpoint" | "vending API";

export interface Verdict {
  readonly by: Authority;
  /** "failed" for an error that is no refusal. */
  readonly outcome: "allowed" | "refused" | "failed";
  readonly why: string;
}

/** One line of the loop's table. */
export interface CheckRow {
  readonly subject: string;
  readonly operation: string;
  readonly where: string;
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

const HEAD = ["", "who", "does", "where", "must be", "was", "decided by", "why"];

/** The loop's rows as a table for a terminal; a failed row is marked with ✘. */
export function loopTable(rows: readonly CheckRow[]): string {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [text[0], widths.map((width) => "─".repeat(width)).join("  "), ...text.slice(1)].join("\n");
}

function cells(row: CheckRow): string[] {
  const { subject, operation, where, expected, verdicts } = row;
  const wrong = verdicts.filter(({ outcome }) => outcome !== expected);
  const shown = wrong.length > 0 ? wrong : verdicts;
  return [
    meetsExpectation(row) ? "✔" : "✘",
    subject,
    operation,
    where,
    expected,
    distinct(shown, ({ outcome }) => outcome) || "not tried",
    distinct(shown, ({ by }) => by),
    // The last one says most: policy evaluation names the kind of policy, the emulator only says no.
    (shown.at(-1)?.why ?? "").replace(/ the (\S+) action$/, " $1"),
  ];
}

function distinct(verdicts: readonly Verdict[], property: (verdict: Verdict) => string): string {
  return [...new Set(verdicts.map(property))].join(" + ");
}

/** The loop's result in one sentence. */
export function loopSummary(rows: readonly CheckRow[]): string {
  const wrong = rows.filter((row) => !meetsExpectation(row)).length;
  const count = (outcome: CheckRow["expected"]) => rows.filter(({ expected }) => expected === outcome).length;
  return wrong === 0
    ? `All checks passed: ${count("allowed")} allowed, ${count("refused")} refused.`
    : `${wrong} of ${rows.length} checks FAILED: see the rows marked ✘.`;
}
