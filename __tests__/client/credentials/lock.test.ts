import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { HUNG_AFTER_MS, type Lock, livenessOf, ownIdentity, tryLock } from "../../../client/credentials/lock";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-lock-"));
  path = join(folder, "a.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A lock file of a process that no longer is, or hangs, where `tryLock` would look for the link after `before`. */
function abandoned(id: string, before?: string, takenAt = Date.now() - HUNG_AFTER_MS - 1): void {
  writeFileSync(before === undefined ? path : `${path}.${before}`, JSON.stringify({ ...ownIdentity(), id, takenAt }));
}

it("is one holder's at a time, and free after its release", () => {
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  first?.release();
  tryLock(path)?.release();
  expect(readdirSync(folder)).toEqual([]);
});

it("of a dead holder goes to one successor, whose successors come in a chain; its release removes the whole chain", () => {
  abandoned("one");
  abandoned("two", "one");
  abandoned("three", "two");
  const successor = tryLock(path);
  expect(successor).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
  successor?.release();
  expect(readdirSync(folder)).toEqual([]);
});

it("a link that outlived its chain gives nobody the lock", () => {
  abandoned("two", "one");
  const first = tryLock(path);
  expect(first).toBeDefined();
  expect(tryLock(path)).toBeUndefined();
});

it("the late release of one that was taken for hung leaves its successor's lock alone", () => {
  const hung = tryLock(path);
  const successor = tryLock(path, -1);
  expect(successor).toBeDefined();
  hung?.release();
  expect(tryLock(path)).toBeUndefined();
  successor?.release();
  hung?.release();
  expect(readdirSync(folder)).toEqual([]);
});

it("what is no lock file is not believed to be nobody's", () => {
  writeFileSync(path, "");
  expect(tryLock(path)).toBeUndefined();
});

it("for any order of taking, releasing and dying there is at most one holder", () => {
  const step = fc.constantFrom("take", "release", "die");
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let held: Lock | undefined;
      for (const what of steps) {
        if (what === "take") {
          const taken = tryLock(path);
          expect(taken === undefined).toBe(held !== undefined);
          held ??= taken;
        } else if (what === "release") {
          held?.release();
          held = undefined;
        } else if (held) {
          // As though the holder had died: its file is from too long ago.
          for (const name of readdirSync(folder)) {
            const file = join(folder, name);
            const holder = JSON.parse(readFileSync(file, "utf8"));
            writeFileSync(file, JSON.stringify({ ...holder, takenAt: 0 }));
          }
          held = undefined;
        }
      }
      held?.release();
      tryLock(path)?.release();
      expect(readdirSync(folder)).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

describe("whether a process still runs", () => {
  const own = ownIdentity();

  it.each([
    ["this one", {}, "alive"],
    ["a number that is free", { pid: 2 ** 22 + 1 }, "dead"],
    ["a number that is another's by now", { start: "1" }, "dead"],
    ["before the machine was started anew", { boot: "earlier" }, "dead"],
    ["in another container", { namespace: "pid:[1]" }, "unknown"],
    ["on another machine", { host: "elsewhere" }, "unknown"],
  ])("%s", (_, change, expected) => {
    expect(livenessOf({ ...own, ...change })).toBe(expected);
  });
});
