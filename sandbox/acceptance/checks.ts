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

const HEAD = ["", "who", "does", "where", "must be", "was", "decided by", "why"];

/** The loop's rows as a table for a terminal; a row that is not as it must be is marked with ✘. */
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
  const { subject, operation, where, mustBe, verdicts } = row;
  const wrong = verdicts.filter(({ outcome }) => outcome !== mustBe);
  const shown = wrong.length > 0 ? wrong : verdicts;
  return [
    isAsMustBe(row) ? "✔" : "✘",
    subject,
    operation,
    where,
    mustBe,
    distinct(shown, ({ outcome }) => outcome) || "not tried",
    distinct(shown, ({ by }) => by),
    // The last says most: policy evaluation names the kind of policy, where the emulator only says no.
    (shown.at(-1)?.why ?? "").replace(/ the (\S+) action$/, " $1"),
  ];
}

function distinct(verdicts: readonly Verdict[], property: (verdict: Verdict) => string): string {
  return [...new Set(verdicts.map(property))].join(" + ");
}

/** One sentence on how the loop went. */
export function loopSummary(rows: readonly CheckRow[]): string {
  const wrong = rows.filter((row) => !isAsMustBe(row)).length;
  const count = (outcome: CheckRow["mustBe"]) => rows.filter(({ mustBe }) => mustBe === outcome).length;
  return wrong === 0
    ? `All as it must be: ${count("allowed")} allowed, ${count("refused")} refused.`
    : `${wrong} of ${rows.length} are NOT as they must be: see the rows marked ✘.`;
}
