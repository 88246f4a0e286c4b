import fc from "fast-check";
import { prefixesOverlap } from "../../../access/prefix";
import type { ServerPrefix } from "../../../config/layer";
import { prefixOverlaps } from "../../../config/rules/server-prefixes";

// Few different characters, so that equal and nested prefixes and siblings with one beginning are common.
const prefix = fc
  .array(fc.constantFrom("a", "b", "ab", "a-", "a!", "é", "\u{1f4be}"), { minLength: 1, maxLength: 4 })
  .map((folders) => `${folders.join("/")}/`);
const servers = fc
  .array(fc.record({ prefix, shared: fc.boolean() }), { maxLength: 25 })
  .map((all): ServerPrefix[] => all.map((one, index) => ({ name: `s${index}`, ...one })));

const mayNot = (a: ServerPrefix, b: ServerPrefix) => !(a.shared && b.shared) && prefixesOverlap(a.prefix, b.prefix);

it("there is an overlap exactly where comparing every pair finds one", () => {
  fc.assert(
    fc.property(servers, (all) => {
      const pairs = all.flatMap((a, index) => all.slice(index + 1).filter((b) => mayNot(a, b)));
      expect(prefixOverlaps(all).length > 0).toBe(pairs.length > 0);
    }),
    { numRuns: 2000 },
  );
});

it("each overlap is one of the pairs, and every server inside another's prefix has one", () => {
  fc.assert(
    fc.property(servers, (all) => {
      const overlaps = prefixOverlaps(all);
      for (const { inner, outer } of overlaps) {
        expect(mayNot(inner, outer)).toBe(true);
        expect(inner.prefix.startsWith(outer.prefix)).toBe(true);
      }
      const reported = new Set(overlaps.map(({ inner }) => inner.name));
      expect(reported.size).toBe(overlaps.length);
      for (const server of all) {
        const nested = all.some(
          (other) => mayNot(server, other) && server.prefix !== other.prefix && server.prefix.startsWith(other.prefix),
        );
        if (nested) expect(reported).toContain(server.name);
      }
    }),
    { numRuns: 2000 },
  );
});

it("the order of the file does not matter", () => {
  fc.assert(
    fc.property(servers, (all) => {
      expect(prefixOverlaps([...all].reverse())).toEqual(prefixOverlaps(all));
    }),
  );
});

it("thousands of equal prefixes take no quadratic time and give one overlap for each server but the first", () => {
  const all = Array.from({ length: 20_000 }, (_, index) => ({ name: `s${index}`, prefix: "x/", shared: false }));
  const started = performance.now();
  expect(prefixOverlaps(all)).toHaveLength(all.length - 1);
  // Comparing 200 million pairs takes many seconds; this takes some hundredths of one.
  expect(performance.now() - started).toBeLessThan(2000);
});
