import fc from "fast-check";
import { isUnderPrefix, MAX_PREFIX_BYTES, prefixesOverlap, prefixFaults } from "../../access/prefix";
import { anyCharacter } from "../support/any-character";

it.each([
  "a/",
  "backups/server-01/",
  "a.b/",
  "a b/",
  "ü/日本/",
  "\u{1f4be}/",
  "a/.hidden/",
  `${"a".repeat(511)}/`,
  "-/",
  "./",
])("%s is right", (prefix) => expect(prefixFaults(prefix)).toEqual([]));

it.each([
  ["", ["is empty"]],
  ["/", ["starts with /"]],
  ["/a/", ["starts with /"]],
  ["a", ["does not end with /"]],
  ["../", ["holds .."]],
  ["a/../b/", ["holds .."]],
  ["a../", ["holds .."]],
  ["a//", ["holds //"]],
  ["*/", ["holds a wildcard (* or ?)"]],
  ["a?/", ["holds a wildcard (* or ?)"]],
  ["$/", ["holds $"]],
  ["a\u0000/", ["holds a control character"]],
  ["a\r/", ["holds a control character"]],
  ["a\u009f/", ["holds a control character"]],
  ["\ud800/", ["is not valid Unicode"]],
  ["//a*", ["starts with /", "does not end with /", "holds //", "holds a wildcard (* or ?)"]],
])("%j is refused", (prefix, faults) => {
  expect(prefixFaults(prefix).map(({ fault }) => fault)).toEqual(faults);
  for (const { remedy } of prefixFaults(prefix)) expect(remedy).not.toBe("");
});

it("the limit is in bytes of UTF-8", () => {
  expect(prefixFaults(`${"é".repeat(255)}/`)).toEqual([]);
  expect(prefixFaults(`${"é".repeat(256)}/`)).toMatchObject([{ fault: "has 513 bytes" }]);
  expect(MAX_PREFIX_BYTES).toBe(512);
});

it("the rules are exactly those that are documented, for any text", () => {
  const characters = fc.constantFrom(..."ab./*?$ é\u0000\u007f");
  const text = fc.oneof(
    fc.string({ unit: characters, maxLength: 12 }),
    fc.string({ unit: anyCharacter, maxLength: 12 }),
  );
  fc.assert(
    fc.property(text, (prefix) => {
      const control = [...prefix].some((character) => /\p{Cc}/u.test(character));
      const right =
        prefix !== "" &&
        !prefix.startsWith("/") &&
        prefix.endsWith("/") &&
        !["..", "//", "*", "?", "$"].some((part) => prefix.includes(part)) &&
        !control &&
        Buffer.byteLength(prefix) <= 512 &&
        !/\p{Surrogate}/u.test(prefix);
      expect(prefixFaults(prefix).length === 0).toBe(right);
    }),
    { numRuns: 3000 },
  );
});

const accepted = fc
  .array(fc.constantFrom("a", "ab", "b", "a-b", "é"), { minLength: 1, maxLength: 4 })
  .map((folders) => `${folders.join("/")}/`)
  .filter((prefix) => prefixFaults(prefix).length === 0);

it("a key is under a prefix exactly when its folders begin with the prefix's folders", () => {
  fc.assert(
    fc.property(accepted, accepted, fc.constantFrom("", "file", "x/y"), (prefix, folder, file) => {
      const folders = prefix.split("/").slice(0, -1);
      const ofKey = `${folder}${file}`.split("/").slice(0, -1);
      expect(isUnderPrefix(prefix, `${folder}${file}`)).toBe(folders.every((part, index) => ofKey[index] === part));
    }),
  );
});

it("two prefixes overlap exactly when some key is under both", () => {
  fc.assert(
    fc.property(accepted, accepted, (a, b) => {
      expect(prefixesOverlap(a, b)).toBe([a, b].some((key) => isUnderPrefix(a, key) && isUnderPrefix(b, key)));
      expect(prefixesOverlap(a, b)).toBe(prefixesOverlap(b, a));
    }),
  );
});

it("siblings with one beginning are apart", () => {
  expect(prefixesOverlap("logs/", "logs-archive/")).toBe(false);
  expect(isUnderPrefix("logs/", "logs")).toBe(false);
});
