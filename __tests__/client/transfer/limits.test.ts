import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import {
  inParallel,
  MAX_PARTS,
  PART_SIZES,
  PartBuffers,
  planParts,
  streamPartSize,
} from "../../../client/transfer/limits";

const MIB = 2 ** 20;

describe("parts", () => {
  it("every size is covered by parts that S3 takes", () => {
    fc.assert(
      fc.property(
        fc.maxSafeNat().map((size) => size % (48 * 2 ** 40)),
        (size) => {
          const { partSize, parts } = planParts(size);
          expect(partSize * parts).toBeGreaterThanOrEqual(size);
          expect(partSize * (parts - 1)).toBeLessThan(Math.max(1, size));
          expect(parts).toBeLessThanOrEqual(MAX_PARTS);
          expect(partSize).toBeGreaterThanOrEqual(5 * MIB);
          expect(partSize).toBeLessThanOrEqual(5 * 1024 * MIB);
        },
      ),
    );
  });

  it.each([
    [0, 8, 1, true],
    [8 * MIB, 8, 1, true],
    [8 * MIB + 1, 8, 2, true],
    [80_000 * MIB, 8, 10_000, true],
    [80_000 * MIB + 1, 9, 8_889, true],
    [5 * 2 ** 40, 525, 9_987, false],
  ])("%i bytes: parts of %i MiB", (size, mebibytes, parts, buffered) => {
    expect(planParts(size)).toEqual({ partSize: mebibytes * MIB, parts, buffered });
  });

  it("more than S3 holds is refused", () => {
    expect(() => planParts(MAX_PARTS * 5 * 1024 * MIB + 1)).toThrow("more than S3 holds");
  });

  it("a stream's parts grow, and at least two fit into memory at any time", () => {
    const sizes = Array.from({ length: MAX_PARTS }, (_, index) => streamPartSize(index + 1));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(sizes.at(-1)).toBeLessThanOrEqual(PART_SIZES.buffers / 2);
    expect(sizes.reduce((total, size) => total + size)).toBeGreaterThan(200 * 2 ** 30);
  });
});

describe("memory", () => {
  it("never more than the total is in use, everybody is served, and buffers are used again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 40 }), async (sizes) => {
        const buffers = new PartBuffers(100);
        let used = 0;
        const wrong: string[] = [];
        let served = 0;
        await Promise.all(
          sizes.map(async (size) => {
            const buffer = await buffers.take(size);
            if (buffer.bytes.length !== size) wrong.push(`${buffer.bytes.length} bytes in place of ${size}`);
            used += size;
            // What is larger than all of it is served alone.
            if (used > 100 && used !== size) wrong.push(`${used} in use`);
            await Promise.resolve();
            used -= size;
            served++;
            buffer.release();
            buffer.release();
          }),
        );
        expect({ wrong, served }).toEqual({ wrong: [], served: sizes.length });
      }),
    );
  });

  it("a released buffer is the next one of its size", async () => {
    const buffers = new PartBuffers(100);
    const first = await buffers.take(60);
    const waiting = buffers.take(60);
    first.release();
    expect((await waiting).bytes).toBe(first.bytes);
  });
});

describe("in parallel", () => {
  const never = new AbortController().signal;

  it("no more than the limit at once, results in order", async () => {
    let running = 0;
    let most = 0;
    const results = await inParallel([5, 1, 3, 2, 4], 2, never, async (item) => {
      most = Math.max(most, ++running);
      await sleep(item);
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 30, 20, 40]);
    expect(most).toBe(2);
  });

  it("the first failure ends the others, and is thrown when they have ended", async () => {
    const ended: number[] = [];
    const work = inParallel([1, 2, 3, 4], 3, never, async (item, signal) => {
      try {
        if (item === 2) throw new Error("the first");
        await sleep(10_000, undefined, { signal });
      } finally {
        ended.push(item);
      }
    });
    await expect(work).rejects.toThrow("the first");
    expect(ended.sort()).toEqual([1, 2, 3]);
  });

  it("an interruption is thrown as it is, and a source that fails as well", async () => {
    const controller = new AbortController();
    const work = inParallel([1], 1, controller.signal, (_, signal) => sleep(10_000, undefined, { signal }));
    controller.abort(new Error("interrupted"));
    await expect(work).rejects.toThrow("interrupted");
    async function* source(): AsyncGenerator<number> {
      yield 1;
      throw new Error("of the source");
    }
    await expect(inParallel(source(), 1, never, async () => {})).rejects.toThrow("of the source");
  });
});
