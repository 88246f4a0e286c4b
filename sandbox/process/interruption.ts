export interface Interruption {
  readonly signal: AbortSignal;
  /** Settles at the first signal. */
  readonly happened: Promise<"interrupted">;
  /** Rejects at the first signal. */
  readonly rejected: Promise<never>;
}

/**
 * The first signal ends everything in order; after a second one the kernel does, by closing our ends of the pipes.
 * Unlike the client's `interruptible`, an interruption is no error here: it is how a cloud that is up ends.
 */
export function listenForInterruption(status: number): Interruption {
  const controller = new AbortController();
  const happened = new Promise<"interrupted">((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) process.exit(status);
        controller.abort();
        resolve("interrupted");
      });
    }
  });
  const rejected = happened.then((): never => controller.signal.throwIfAborted() as never);
  // Prevents an unhandled rejection; callers that await still see it.
  rejected.catch(() => {});
  return { signal: controller.signal, happened, rejected };
}
