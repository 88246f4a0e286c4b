// Patterns of IAM's: `*` stands for any number of any characters, `?` for one.

/** What stands for any text that a wildcard leaves open: no policy names it. */
const ANYTHING = "any-object";

/**
 * A text that begins with `start` and that the pattern matches; undefined where there is none.
 * What is asked with it is asked for every such text, as far as this pattern goes.
 */
export function matchUnder(pattern: string, start: string): string | undefined {
  // How much of the pattern may be used up when so much of the text is read; a star may be left at once, or stayed in.
  let used = withStarsLeft(pattern, [0]);
  for (const character of start.split("")) {
    const next = [...used].flatMap((place) => {
      const expected = pattern[place];
      if (expected === "*") return [place];
      return expected === "?" || expected === character ? [place + 1] : [];
    });
    used = withStarsLeft(pattern, next);
    if (used.size === 0) return undefined;
  }
  return start + withoutWildcards(pattern.slice(Math.min(...used)));
}

function withStarsLeft(pattern: string, places: readonly number[]): Set<number> {
  const all = new Set(places);
  for (const place of all) if (pattern[place] === "*") all.add(place + 1);
  return all;
}

/** A text that the pattern matches, and few others do. */
export function withoutWildcards(pattern: string): string {
  return pattern.replace(/\*+/g, ANYTHING).replaceAll("?", "x");
}

/** The part of a pattern before its first wildcard: all that it matches begins so. */
export function literalPart(pattern: string): string {
  return /^[^*?]*/.exec(pattern)?.[0] ?? "";
}

const expressions = new Map<string, RegExp>();

/** Whether a pattern matches a text, as a whole. */
export function matches(pattern: string, text: string, flags: "" | "i" = ""): boolean {
  if (!/[*?]/.test(pattern) && flags === "") return pattern === text;
  const known = expressions.get(flags + pattern);
  if (known !== undefined) return known.test(text);
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  const expression = new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, `s${flags}`);
  expressions.set(flags + pattern, expression);
  return expression.test(text);
}
