import { allowClosedPipe } from "../../terminal/closed-pipe";

export interface Interruption {
  readonly signal: AbortSignal;
  /** Settles at the first signal, or when nobody reads the output any more. */
  readonly happened: Promise<"interrupted">;
  /** Rejects at the first signal. */
  readonly rejected: Promise<never>;
}

/**
 * The first signal, or an output that nobody reads any more, ends everything in order; after a second signal the kernel
 * does, by closing our ends of the pipes. Unlike the client's `interruptible`, an interruption is no error here: it is how a cloud that is up ends.
 */
export function listenForInterruption(status: number): Interruption {
  const controller = new AbortController();
  const happened = new Promise<"interrupted">((resolve) => {
    const interrupt = () => {
      controller.abort();
      resolve("interrupted");
    };
    allowClosedPipe(interrupt);
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) process.exit(status);
        interrupt();
      });
    }
  });
  const rejected = happened.then((): never => controller.signal.throwIfAborted() as never);
  // Prevents an unhandled rejection; callers that await still see it.
  rejected.catch(() => {});
  return { signal: controller.signal, happened, rejected };
}
