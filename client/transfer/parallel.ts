import { sharedSignal } from "./s3-client";

/**
 * Runs `work` over items, `limit` at once, and returns the results in the items' order. The first failure ends the
 * others by their signal; it is thrown only when all of them have ended, so nothing goes on behind a caller that
 * cleans up.
 */
export async function inParallel<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  limit: number,
  outer: AbortSignal,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const controller = new AbortController();
  const signal = sharedSignal(controller);
  const follow = () => controller.abort(outer.reason);
  if (outer.aborted) follow();
  outer.addEventListener("abort", follow, { once: true });
  const fail = (error: unknown) => {
    failures.push(error);
    controller.abort(error);
  };
  try {
    let next = 0;
    for await (const item of items) {
      const index = next++;
      const task: Promise<void> = work(item, signal)
        .then((result) => {
          results[index] = result;
        }, fail)
        .finally(() => running.delete(task));
      running.add(task);
      while (running.size >= limit) await Promise.race(running);
      // Only now: an item that was taken may hold something that only its work gives back.
      if (signal.aborted) break;
    }
  } catch (error) {
    fail(error);
  } finally {
    await Promise.all(running);
    outer.removeEventListener("abort", follow);
  }
  outer.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}
