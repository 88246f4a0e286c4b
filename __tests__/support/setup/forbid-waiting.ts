import { performance } from "node:perf_hooks";
import timers from "node:timers";
import timersPromises from "node:timers/promises";
import { promisify } from "node:util";
import { patch } from "./patch";
import { currentTest, noteWait } from "./violations";

type Callback = (...args: unknown[]) => unknown;
type Schedule = (callback: Callback, delay?: number, ...args: unknown[]) => unknown;

// A test may replace the clock.
const now = performance.now.bind(performance);

/**
 * Notes that a timer has fired, when the test that set it still runs: it may have waited for it.
 * What counts is the time that the timer was set to, so that a busy machine changes nothing.
 */
function watch(delay: number): () => void {
  let from = now();
  const test = currentTest();
  return () => {
    if (currentTest() === test) noteWait({ from, to: from + delay });
    from = now();
  };
}

function watched(original: Schedule, promised?: Callback): Schedule {
  const schedule: Schedule = (callback, delay = 0, ...args) => {
    if (typeof callback !== "function") return original(callback, delay);
    const fired = watch(Number(delay));
    const called: Callback = (...given) => {
      fired();
      return callback(...given);
    };
    return original(called, delay, ...args);
  };
  return promised ? Object.assign(schedule, { [promisify.custom]: promised }) : schedule;
}

/** Notes all real time that timers let pass. Jest's fake timers lie above these and cost none. */
export function watchWaiting(): (() => void)[] {
  const original = timersPromises.setTimeout;
  const wait = async (delay = 0, ...rest: unknown[]) => {
    const fired = watch(delay);
    const value = await original(delay, ...(rest as []));
    fired();
    return value;
  };
  const sleeping: Callback = (delay, ...rest) => wait(delay as number, ...rest);
  return [
    patch(globalThis, "setTimeout", (real: Schedule) => watched(real, sleeping)),
    patch(globalThis, "setInterval", (real: Schedule) => watched(real)),
    patch(timers, "setTimeout", (real: Schedule) => watched(real, sleeping)),
    patch(timers, "setInterval", (real: Schedule) => watched(real)),
    patch(timersPromises, "setTimeout", () => wait),
    patch(timersPromises.scheduler, "wait", () => wait),
    patch(AbortSignal, "timeout", (real: (delay: number) => AbortSignal) => (delay: number) => {
      const signal = real.call(AbortSignal, delay);
      signal.addEventListener("abort", watch(delay), { once: true });
      return signal;
    }),
    patch(Atomics, "wait", (real: (...args: unknown[]) => string) => (...args: unknown[]) => {
      const from = now();
      const result = real(...args);
      noteWait({ from, to: now(), blocking: true });
      return result;
    }),
  ];
}
