import fc from "fast-check";
import { inName, literal, literalPart, matches, shown, textWithin } from "../../iam/pattern";

const pattern = fc.oneof(
  fc.stringMatching(/^[ab/*?]{0,6}$/),
  fc.stringMatching(/^[ab/*?]{0,5}$/).map(inName),
  fc.stringMatching(/^[ab/*?]{0,4}$/).map(literal),
);
const text = fc.stringMatching(/^[ab/*?]{0,6}$/);

it("finds a text that some patterns match and others do not, wherever there is one", () => {
  const every = (min: number) => fc.array(pattern, { minLength: min, maxLength: 2 });
  fc.assert(
    fc.property(pattern, every(0), every(0), text, (within, wanted, unwanted, candidate) => {
      const fits = (one: string) =>
        [within, ...wanted].every((each) => matches(each, one)) && !unwanted.some((each) => matches(each, one));
      const found = textWithin(
        within,
        [...wanted, ...unwanted],
        (isMatched) => wanted.every(isMatched) && !unwanted.some(isMatched),
      );
      if (found !== undefined) expect({ found, fits: fits(found) }).toEqual({ found, fits: true });
      if (fits(candidate)) expect(found).toBeDefined();
    }),
    { numRuns: 2000 },
  );
});

it("has every match of a pattern begin with its literal part", () => {
  fc.assert(
    fc.property(pattern, text, (glob, candidate) => {
      if (matches(glob, candidate)) expect(candidate.startsWith(shown(literalPart(glob)))).toBe(true);
    }),
    { numRuns: 1000 },
  );
});

it.each([
  ["logs/*", [], "logs/"],
  ["logs/?*", ["logs/x*"], "logs/w"],
  ["logs/one.csv", [], "logs/one.csv"],
  ["logs/one.csv", ["logs/*"], undefined],
  ["logs/*", ["logs/?*"], "logs/"],
  ["?.txt", [], "x.txt"],
  ["a*", ["*"], undefined],
])("within %s and outside of %j: %s", (within, others, found) =>
  expect(textWithin(within, others, (isMatched) => !others.some(isMatched))).toBe(found),
);

it("reads nothing but wildcards as such, also in what regular expressions give a meaning", () => {
  expect(matches("a.b+(c)$", "a.b+(c)$")).toBe(true);
  expect(matches("a.b", "axb")).toBe(false);
  expect(matches("S3:put*", "s3:PutObject", "i")).toBe(true);
  expect(matches("a*", "a\nb")).toBe(true);
  expect(matches(inName("a*"), "a/b")).toBe(false);
  expect(matches(literal("a*"), "ab")).toBe(false);
  expect(shown(inName("a*?") + literal("b*?"))).toBe("a*?b*?");
});

it("gives up aloud where patterns have too many states together", () => {
  const tangled = Array.from({ length: 8 }, (_, index) => `*${"ab"[index % 2]}${"?".repeat(index * 2 + 8)}`);
  expect(() => textWithin("*", tangled, (isMatched) => tangled.every(isMatched) && isMatched("never"))).toThrow(
    /^too much to search: \*, \*a\?/,
  );
});
