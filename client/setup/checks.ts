import { Help } from "commander";
import { ClientError, EXIT_CODES, type ExitCode } from "../core/errors";

/** What a request needs, in the order in which it needs it. */
export const CHECK_NAMES = ["settings", "token endpoint", "token", "vending API", "credentials", "prefix"] as const;
export type CheckName = (typeof CHECK_NAMES)[number];

/** What a check that passed found out. */
export interface Passed {
  readonly detail: string;
  /** What is odd, but no fault. */
  readonly notes?: readonly string[];
}

export interface CheckResult {
  readonly check: CheckName;
  readonly status: "ok" | "failed" | "skipped";
  readonly milliseconds?: number;
  readonly message: string;
  readonly notes: readonly string[];
  /** Of a failed check. */
  readonly code?: string;
  readonly remedy?: string | undefined;
  readonly exitCode?: ExitCode;
}

/** `note` is for what is odd, whether the check passes or not. */
export type Checks = Readonly<Record<CheckName, (note: (text: string) => void) => Promise<Passed>>>;

/** Runs the checks until one fails, and times each; `report` is called with each result as it comes. */
export async function runChecks(checks: Checks, report: (result: CheckResult) => void): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  let failed = false;
  for (const check of CHECK_NAMES) {
    const result: CheckResult = failed
      ? { check, status: "skipped", message: "not tried", notes: [] }
      : await runCheck(check, checks[check]);
    failed ||= result.status === "failed";
    results.push(result);
    report(result);
  }
  return results;
}

async function runCheck(check: CheckName, run: Checks[CheckName]): Promise<CheckResult> {
  const began = performance.now();
  const noted: string[] = [];
  const time = (): number => Math.round(performance.now() - began);
  try {
    const { detail, notes = [] } = await run((text) => void noted.push(text));
    return { check, status: "ok", milliseconds: time(), message: detail, notes: [...noted, ...notes] };
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode === EXIT_CODES.interrupted) throw error;
    const { message, code, remedy, exitCode } = error;
    return { check, status: "failed", milliseconds: time(), message, notes: noted, code, remedy, exitCode };
  }
}

const MARKS = { ok: "ok", failed: "FAILED", skipped: "-" } as const;
const MARK_COLUMNS = 7;
const NAME_COLUMNS = Math.max(...CHECK_NAMES.map((name) => name.length));
const TIME_COLUMNS = 8;
/** A column of words that is narrower than this cannot be read. */
const NARROWEST_COLUMN = 32;

/**
 * A result as lines for people, wrapped at spaces to `columns`. What does not fit beside its head stands below it, and
 * a word that is longer still, such as a path, stays whole.
 */
export function checkLines(result: CheckResult, columns = Number.POSITIVE_INFINITY): string {
  const { check, status, milliseconds, message, notes, remedy } = result;
  const head = (mark: string, name: string, time = "") =>
    `${mark.padEnd(MARK_COLUMNS)}${name.padEnd(NAME_COLUMNS)} ${time.padStart(TIME_COLUMNS)}`;
  const entries = [
    [head(MARKS[status], check, milliseconds === undefined ? "" : `${milliseconds} ms`), message],
    ...notes.map((note) => [head("", "note:"), note] as const),
    ...(remedy === undefined ? [] : [[head("", "what to do:"), remedy] as const]),
  ] as const;
  const column = head("", "").length + 2;
  return entries
    .map(([first, text]) => {
      const longest = Math.max(NARROWEST_COLUMN, ...text.split(/\s+/).map((word) => word.length));
      const beside = column + longest <= columns;
      const indent = beside ? column : MARK_COLUMNS;
      const lines = wrap(text, columns - indent).map((line) => " ".repeat(indent) + line);
      return beside ? first + lines.join("\n").slice(first.length) : [first.trimEnd(), ...lines].join("\n");
    })
    .join("\n");
}

function wrap(text: string, columns: number): string[] {
  const help = new Help();
  help.minWidthToWrap = 1;
  return help.boxWrap(text, columns).split("\n");
}

/** All results as `--json` shows them; its keys are documented, and scripts read them. */
export function checksJson(results: readonly CheckResult[]): string {
  const ok = results.every(({ status }) => status !== "failed");
  return JSON.stringify({ ok, hops: results.map(({ check, ...result }) => ({ hop: check, ...result })) }, undefined, 2);
}
