import fc from "fast-check";
import { literalPart, matches, matchUnder, withoutWildcards } from "../../audit/pattern";

const pattern = fc.stringMatching(/^[ab/*?]{0,7}$/);
const text = fc.stringMatching(/^[ab/]{0,6}$/);

it("finds a text under a start that the pattern matches, wherever there is one", () => {
  fc.assert(
    fc.property(pattern, text, text, (glob, start, rest) => {
      const found = matchUnder(glob, start);
      if (found !== undefined) {
        expect(found.startsWith(start)).toBe(true);
        expect(matches(glob, found)).toBe(true);
      }
      if (matches(glob, start + rest)) expect(found).toBeDefined();
    }),
    { numRuns: 3000 },
  );
});

it("has every match of a pattern begin with its literal part", () => {
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      if (matches(glob, candidate)) expect(candidate.startsWith(literalPart(glob))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

it.each([
  ["logs/*", "logs/", "logs/any-object"],
  ["logs/*/x/*", "logs/web/", "logs/web/any-object/x/any-object"],
  ["logs/*/x/*", "logs/web/x/", "logs/web/x/any-object/x/any-object"],
  ["logs/one.csv", "logs/", "logs/one.csv"],
  ["logs/one.csv", "logs/one.csv", "logs/one.csv"],
  ["logs/one.csv", "logs/two", undefined],
  ["log?/", "log", "logx/"],
  ["*", "", "any-object"],
])("under %s, from %s: %s", (glob, start, found) => expect(matchUnder(glob, start)).toBe(found));

it("reads nothing but wildcards as such, also in what regular expressions give a meaning", () => {
  expect(matches("a.b+(c)$", "a.b+(c)$")).toBe(true);
  expect(matches("a.b", "axb")).toBe(false);
  expect(matches("S3:put*", "s3:PutObject", "i")).toBe(true);
  expect(matches("a*", "a\nb")).toBe(true);
  expect(withoutWildcards("a/**/b?")).toBe("a/any-object/bx");
});
