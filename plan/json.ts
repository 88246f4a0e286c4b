import type { PlanReport } from "./report";
import { exitCodeOf } from "./report";

/** The report for programs; `format_version` changes with the major number when a field goes or changes its meaning. */
export function asJson(report: PlanReport): string {
  return `${JSON.stringify({ format_version: "1.0", exit_code: exitCodeOf(report), ...report }, null, 2)}\n`;
}
