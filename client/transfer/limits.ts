import { setMaxListeners } from "node:events";
import { LocalError } from "../core/errors";

const MIB = 1024 * 1024;

/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;
const MAX_PART_BYTES = 5 * 1024 * MIB;

/** Connections that are kept open and used again; no more requests than these are under way at once. */
export const CONNECTIONS = 32;

/** Parts of one object that are under way at once; memory allows no more of the usual size either. */
export const PARTS_AT_ONCE = 8;

/** Sizes in bytes. Tests take smaller ones, so that every path is walked without gigabytes. */
export interface PartSizes {
  /** A part of an ordinary file; up to this much a file goes in one request. */
  readonly part: number;
  /** A larger part does not fit the memory that all buffers share: it is streamed from the file. */
  readonly largestBuffered: number;
  /** What all buffers together hold at most. */
  readonly buffers: number;
}

export const PART_SIZES: PartSizes = { part: 8 * MIB, largestBuffered: 16 * MIB, buffers: 64 * MIB };

/** Parts of files above 80 GB grow by this step. */
const STEP = MIB;

export interface PartPlan {
  readonly partSize: number;
  readonly parts: number;
  readonly buffered: boolean;
}

/**
 * How a file of `size` bytes is cut: the usual part until there would be more than 10,000, then as large as needed.
 * @throws {LocalError} where S3 could not hold the file.
 */
export function planParts(size: number, sizes: PartSizes = PART_SIZES): PartPlan {
  const least = Math.ceil(size / MAX_PARTS);
  const partSize = least <= sizes.part ? sizes.part : Math.ceil(least / STEP) * STEP;
  if (partSize > MAX_PART_BYTES) {
    throw new LocalError(`${size} bytes are more than S3 holds in one object`, "file_too_large", {
      remedy: "Split the file",
    });
  }
  return { partSize, parts: Math.max(1, Math.ceil(size / partSize)), buffered: partSize <= sizes.largestBuffered };
}

/** Parts of a stream that have each size before the next size, twice as large, begins. */
const PARTS_OF_ONE_SIZE = 2500;

/**
 * The size of a stream's part number `number` (from 1). Its length is not known, so parts grow on the way: 10,000
 * parts then hold 214 GiB, and none is larger than half of what all buffers hold.
 */
export function streamPartSize(number: number, sizes: PartSizes = PART_SIZES): number {
  const doublings = Math.floor((number - 1) / PARTS_OF_ONE_SIZE);
  return Math.min(sizes.part * 2 ** doublings, sizes.buffers / 2);
}

export interface PartBuffer {
  readonly bytes: Buffer;
  /** Gives the buffer back; nothing may read it afterwards. */
  release(): void;
}

interface Waiter {
  readonly size: number;
  readonly go: (buffer: PartBuffer) => void;
}

/**
 * The memory that all transfers of a command share. Buffers are used again: left to the garbage collector, the parts
 * of a large file would pile up faster than they are collected. Callers wait in line, so a large demand is not
 * overtaken for ever by small ones.
 */
export class PartBuffers {
  #free: number;
  readonly #idle = new Map<number, Buffer[]>();
  readonly #waiting: Waiter[] = [];

  /** @param total bytes; a larger demand is served alone. */
  constructor(readonly total: number) {
    this.#free = total;
  }

  /** A buffer of exactly `size` bytes, once there is room for it. */
  take(size: number): Promise<PartBuffer> {
    if (this.#waiting.length === 0 && this.#fits(size)) return Promise.resolve(this.#hand(size));
    return new Promise((go) => this.#waiting.push({ size, go }));
  }

  #fits(size: number): boolean {
    return size <= this.#free || this.#free === this.total;
  }

  #hand(size: number): PartBuffer {
    this.#free -= size;
    const bytes = this.#idle.get(size)?.pop() ?? this.#allocate(size);
    let released = false;
    return {
      bytes,
      release: () => {
        if (released) return;
        released = true;
        this.#free += size;
        this.#keep(bytes);
        this.#serve();
      },
    };
  }

  /** Buffers of a size that is no longer asked for make room. */
  #allocate(size: number): Buffer {
    this.#idle.clear();
    return Buffer.allocUnsafeSlow(size);
  }

  #keep(buffer: Buffer): void {
    const idle = this.#idle.get(buffer.length);
    if (idle) idle.push(buffer);
    else this.#idle.set(buffer.length, [buffer]);
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next && this.#fits(next.size); next = this.#waiting[0]) {
      this.#waiting.shift();
      next.go(this.#hand(next.size));
    }
  }
}

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
  const { signal } = controller;
  // Every request under way listens to it: Node.js would warn of a leak.
  setMaxListeners(0, signal);
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
