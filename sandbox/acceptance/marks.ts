import { type CheckRow, meetsExpectation } from "./checks";
import { paint, type Screen } from "./screen";

export function mark(kind: "allowed" | "refused" | "wrong", screen: Screen): string {
  if (kind === "wrong") return paint("red", "✘", screen);
  return kind === "allowed" ? paint("green", "✔", screen) : paint("dim", "–", screen);
}

export function markOf(row: CheckRow, screen: Screen): string {
  return mark(meetsExpectation(row) ? row.expected : "wrong", screen);
}
