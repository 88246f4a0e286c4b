import { performance } from "node:perf_hooks";

/** What a unit test may wait for in real time, all of its timers together. */
export const MAX_WAIT_MS = 50;

/** What the environment of unit tests asks of the setup file that runs within it. */
export interface Rules {
  /** Called with the name of the test that starts, or with nothing when it has ended. */
  run(test: string | undefined): void;
  /** All that has been noted since this was last called. */
  take(): string[];
  /** Forbids nothing any more: Node.js's own modules are shared with the next file, and with jest. */
  end(): void;
}

interface Wait {
  readonly from: number;
  readonly to: number;
  /** It held up the event loop, instead of leaving it idle. */
  readonly blocking?: boolean;
}

let violations: string[] = [];
let waits: Wait[] = [];
let utilisation = performance.eventLoopUtilization();

let running: string | undefined;
export const runs = (test: string | undefined): void => {
  running = test;
};
export const currentTest = (): string => running ?? "none: at the top of the file or in beforeAll or afterAll";

/** Notes what a test did against the rules, and throws it too: code under test may catch what it calls throws. */
export function refuse(what: string, remedy: string): never {
  const message = `A unit test ${what}.\n  Test: ${currentTest()}\n  Remedy: ${remedy}`;
  violations.push(message);
  throw new Error(message);
}

/** Notes that the running test has waited for this long, up to now. */
export function noteWait(wait: Wait): void {
  waits.push(wait);
}

/**
 * Milliseconds in which at least one timer ran, as far as nothing else was done meanwhile: where a busy machine makes a
 * test slow, timers fire that nobody waits for.
 */
function waited(): number {
  const { idle } = performance.eventLoopUtilization(utilisation);
  const blocked = waits.filter(({ blocking }) => blocking).reduce((sum, { from, to }) => sum + to - from, 0);
  let [total, until] = [0, 0];
  for (const { from, to } of [...waits].sort((a, b) => a.from - b.from)) {
    total += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.min(total, idle + blocked);
}

/** All that has been noted since this was last called. */
export function takeViolations(): string[] {
  const total = waited();
  const taken = violations;
  if (total > MAX_WAIT_MS) {
    taken.push(
      `A unit test waited for ${Math.round(total)} ms of real time; ${MAX_WAIT_MS} are allowed.\n` +
        `  Test: ${currentTest()}\n` +
        "  Remedy: inject the clock or the wait, or use jest.useFakeTimers(); where only real time shows it, " +
        "name the file X.integration.test.ts",
    );
  }
  violations = [];
  waits = [];
  utilisation = performance.eventLoopUtilization();
  return taken;
}
