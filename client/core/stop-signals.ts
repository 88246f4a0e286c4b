import { EXIT_CODES, type ExitCode } from "./exit-codes";

export interface StopSignals {
  readonly signal: AbortSignal;
  /** The exit code of a service that was stopped: by SIGTERM it did what it was told, by Ctrl-C it was interrupted. */
  exitCode(): ExitCode;
}

/** Turns SIGTERM and SIGINT into an AbortSignal. */
export function stopSignals(): StopSignals {
  const controller = new AbortController();
  let exitCode: ExitCode = EXIT_CODES.ok;
  process.once("SIGTERM", () => controller.abort());
  process.once("SIGINT", () => {
    exitCode = EXIT_CODES.interrupted;
    controller.abort();
  });
  return { signal: controller.signal, exitCode: () => exitCode };
}
