import { setMaxListeners } from "node:events";
import { EXIT_CODES, type ExitCode, InterruptedError } from "./errors";

export interface Interruption {
  /** Aborted, with an {@link InterruptedError}, by the first of the process's signals. */
  readonly signal: AbortSignal;
  /** The process's signal that came first. */
  received(): NodeJS.Signals | undefined;
  /** Gives the process's signals their usual effect back. */
  end(): void;
}

/** Listens for signals to this process: the first aborts, so that work can clean up; the second ends the process at once. */
export function interruptionBy(...names: readonly NodeJS.Signals[]): Interruption {
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  // Every request that is under way listens; that is no leak.
  setMaxListeners(0, controller.signal);
  const interrupt = (name: NodeJS.Signals): void => {
    if (received !== undefined) process.exit(EXIT_CODES.interrupted);
    received = name;
    controller.abort(new InterruptedError());
  };
  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    received: () => received,
    end: () => {
      for (const name of names) process.off(name, interrupt);
    },
  };
}

/** Runs work that must clean up behind itself, and that Ctrl-C or a signal to end interrupts by the AbortSignal. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, end } = interruptionBy("SIGINT", "SIGTERM", "SIGHUP");
  try {
    return await work(signal);
  } catch (error) {
    if (signal.aborted && (error as Error).name === "AbortError") throw signal.reason;
    throw error;
  } finally {
    end();
  }
}

export interface StopSignals {
  readonly signal: AbortSignal;
  /** A service that SIGTERM stopped did as it was asked; one that Ctrl-C stopped was interrupted. */
  exitCode(): ExitCode;
}

/** For a service: SIGTERM and Ctrl-C stop it. SIGHUP is left to the service. */
export function stopSignals(): StopSignals {
  const { signal, received } = interruptionBy("SIGTERM", "SIGINT");
  return { signal, exitCode: () => (received() === "SIGINT" ? EXIT_CODES.interrupted : EXIT_CODES.ok) };
}
