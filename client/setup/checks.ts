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

export type Checks = Readonly<Record<CheckName, () => Promise<Passed>>>;

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

async function runCheck(check: CheckName, run: () => Promise<Passed>): Promise<CheckResult> {
  const began = performance.now();
  const time = (): number => Math.round(performance.now() - began);
  try {
    const { detail, notes = [] } = await run();
    return { check, status: "ok", milliseconds: time(), message: detail, notes };
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode === EXIT_CODES.interrupted) throw error;
    const { message, code, remedy, exitCode } = error;
    return { check, status: "failed", milliseconds: time(), message, notes: [], code, remedy, exitCode };
  }
}

const COLUMN = Math.max(...CHECK_NAMES.map((name) => name.length));

/** A result as lines for people. */
export function checkLines({ check, status, milliseconds, message, notes, remedy }: CheckResult): string {
  const mark = { ok: "ok     ", failed: "FAILED ", skipped: "-      " }[status];
  const time = milliseconds === undefined ? "" : `${milliseconds} ms`;
  const [first = "", ...more] = [
    ...message.split("\n"),
    ...notes.map((note) => `note: ${note}`),
    ...(remedy === undefined ? [] : [`what to do: ${remedy}`]),
  ];
  const indent = " ".repeat(mark.length + COLUMN + 11);
  return [`${mark}${check.padEnd(COLUMN)} ${time.padStart(8)}  ${first}`, ...more.map((line) => indent + line)].join(
    "\n",
  );
}

/** All results as `--json` shows them; its keys are documented, and scripts read them. */
export function checksJson(results: readonly CheckResult[]): string {
  const ok = results.every(({ status }) => status !== "failed");
  return JSON.stringify({ ok, hops: results.map(({ check, ...result }) => ({ hop: check, ...result })) }, undefined, 2);
}
