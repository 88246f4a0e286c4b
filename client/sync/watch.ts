import { type FSWatcher, watch as watchFolder } from "node:fs";
import { type Backoff, backoffMs, LONGEST_RETRY_AFTER_MS, pauseFor, retryAfterMs } from "../core/backoff";
import { ClientError, EXIT_CODES, InterruptedError } from "../core/errors";
import { isSame, type Signature } from "./change";
import type { OpenSync } from "./sync";

export interface WatchOptions {
  readonly folder: string;
  /** Milliseconds that a file must rest before it is sent. */
  readonly quietMs: number;
  /** Milliseconds between walks where no change is noticed: network file systems tell of none. */
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
}

const BACKOFF: Backoff = { firstMs: 2_000, longestMs: 300_000, spread: [0.5, 1] };
/** Each watched folder takes a watch of the user's (fs.inotify.max_user_watches); further ones are walked in time. */
const MOST_WATCHED_FOLDERS = 4_096;

/**
 * Walks again and again: when a change is noticed, while files do not rest yet, and at an interval. Failures are told,
 * and tried again; only the signal ends it, with an {@link InterruptedError}.
 */
export async function watch(sync: OpenSync, options: WatchOptions): Promise<never> {
  const { folder, quietMs, intervalMs, signal, say } = options;
  const resting = new Resting(quietMs);
  const changes = new Changes();
  let failures = 0;
  try {
    for (;;) {
      let waitMs = intervalMs;
      const began = performance.now();
      changes.forget();
      try {
        const { waiting, folders, outcome } = await sync.pass((key, signature) => resting.rests(key, signature));
        changes.follow([folder, ...folders]);
        failures = outcome.failures > 0 ? failures + 1 : 0;
        if (failures > 0) waitMs = Math.min(intervalMs, backoffMs(BACKOFF, failures));
        else if (waiting > 0) waitMs = quietMs;
      } catch (error) {
        if (!mayBeTriedAgain(error)) throw error;
        waitMs = retryAfter(error) + backoffMs(BACKOFF, ++failures);
        const { message, remedy } = error;
        say(`${message}; tried again in ${Math.round(waitMs / 1000)} s${remedy ? `\nwhat to do: ${remedy}` : ""}`);
        await pauseFor(waitMs, signal);
        continue;
      }
      const lasted = performance.now() - began;
      await changes.next(waitMs, signal);
      // Many changes are one walk, and walks over a large folder leave this machine time for something else.
      await pauseFor(Math.max(quietMs, 2 * lasted), signal);
    }
  } finally {
    changes.close();
  }
}

/** Wrong settings are corrected while it runs, a rotated secret too; what is wrong with the command line is not. */
function mayBeTriedAgain(error: unknown): error is ClientError {
  return error instanceof ClientError && !(error instanceof InterruptedError) && error.exitCode !== EXIT_CODES.usage;
}

function retryAfter(error: unknown): number {
  return Math.min(retryAfterMs(error), LONGEST_RETRY_AFTER_MS.inBackground);
}

/** Tells files that rest from those that somebody still writes to. */
class Resting {
  readonly #seen = new Map<string, { readonly signature: Signature; readonly since: number }>();

  constructor(private readonly quietMs: number) {}

  rests(key: string, signature: Signature): boolean {
    const age = Date.now() - Number(BigInt(signature.mtime) / 1_000_000n);
    const seen = this.#seen.get(key);
    // By its time, or by what was seen: times may be those of another machine, and writing by mmap does not show in them.
    const rests =
      age >= this.quietMs ||
      (seen !== undefined && isSame(seen.signature, signature) && performance.now() - seen.since >= this.quietMs);
    if (rests) this.#seen.delete(key);
    else if (seen === undefined || !isSame(seen.signature, signature))
      this.#seen.set(key, { signature, since: performance.now() });
    return rests;
  }
}

/** Notices changes in folders. Where it cannot, walks in time find them. */
class Changes {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed = false;
  #wake: (() => void) | undefined;

  follow(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, MOST_WATCHED_FOLDERS));
    for (const folder of this.#watchers.keys()) if (!wanted.has(folder)) this.#drop(folder);
    for (const folder of wanted) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watchFolder(folder, { persistent: false }, () => this.#notice());
        watcher.on("error", () => this.#drop(folder));
        this.#watchers.set(folder, watcher);
        // What changed in it before may have been overlooked.
        this.#changed = true;
      } catch {
        // It is gone by now, or the user has no watches left.
      }
    }
  }

  /** What has changed until now is going to be seen. */
  forget(): void {
    this.#changed = false;
  }

  /** Waits for a change, for so long at most. */
  async next(milliseconds: number, signal: AbortSignal): Promise<void> {
    if (this.#changed) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    await pauseFor(milliseconds, AbortSignal.any([signal, woken.signal])).catch((error: unknown) => {
      if (signal.aborted) throw error;
    });
    this.#wake = undefined;
  }

  close(): void {
    for (const folder of this.#watchers.keys()) this.#drop(folder);
  }

  #notice(): void {
    this.#changed = true;
    this.#wake?.();
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }
}
