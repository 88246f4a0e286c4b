import { ClientError } from "../core/errors";
import { EXIT_CODES, type ExitCode } from "../core/exit-codes";

/** The way of a request, in its order. */
export const HOP_NAMES = ["settings", "token endpoint", "token", "vending API", "credentials", "prefix"] as const;
export type HopName = (typeof HOP_NAMES)[number];

/** What a hop that worked has to tell. */
export interface Finding {
  readonly detail: string;
  /** What is odd and yet no fault. */
  readonly notes?: readonly string[];
}

export interface HopResult {
  readonly hop: HopName;
  readonly status: "ok" | "failed" | "skipped";
  readonly milliseconds?: number;
  readonly message: string;
  readonly notes: readonly string[];
  /** Of a failed hop. */
  readonly code?: string;
  readonly remedy?: string | undefined;
  readonly exitCode?: ExitCode;
}

export type Hops = Readonly<Record<HopName, () => Promise<Finding>>>;

/** Walks the hops until one fails, each timed; `report` is told of each as it ends. */
export async function walkHops(hops: Hops, report: (result: HopResult) => void): Promise<HopResult[]> {
  const results: HopResult[] = [];
  let failed = false;
  for (const hop of HOP_NAMES) {
    const result: HopResult = failed
      ? { hop, status: "skipped", message: "not tried", notes: [] }
      : await walk(hop, hops[hop]);
    failed ||= result.status === "failed";
    results.push(result);
    report(result);
  }
  return results;
}

async function walk(hop: HopName, run: () => Promise<Finding>): Promise<HopResult> {
  const began = performance.now();
  const time = (): number => Math.round(performance.now() - began);
  try {
    const { detail, notes = [] } = await run();
    return { hop, status: "ok", milliseconds: time(), message: detail, notes };
  } catch (error) {
    if (!(error instanceof ClientError) || error.exitCode === EXIT_CODES.interrupted) throw error;
    const { message, code, remedy, exitCode } = error;
    return { hop, status: "failed", milliseconds: time(), message, notes: [], code, remedy, exitCode };
  }
}

const COLUMN = Math.max(...HOP_NAMES.map((name) => name.length));

/** A hop as lines for people. */
export function hopLines({ hop, status, milliseconds, message, notes, remedy }: HopResult): string {
  const mark = { ok: "ok     ", failed: "FAILED ", skipped: "-      " }[status];
  const time = milliseconds === undefined ? "" : `${milliseconds} ms`;
  const [first = "", ...more] = [
    ...message.split("\n"),
    ...notes.map((note) => `note: ${note}`),
    ...(remedy === undefined ? [] : [`what to do: ${remedy}`]),
  ];
  const indent = " ".repeat(mark.length + COLUMN + 11);
  return [`${mark}${hop.padEnd(COLUMN)} ${time.padStart(8)}  ${first}`, ...more.map((line) => indent + line)].join(
    "\n",
  );
}
