import { type CheckRow, isAsMustBe, type Verdict } from "./check-row";

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
