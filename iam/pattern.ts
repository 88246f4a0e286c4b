// Patterns of IAM's: `*` stands for any number of any characters, `?` for one. Control characters, which no policy holds,
// stand here for what IAM has no spelling of.

interface Wildcard {
  /** As people read it. */
  readonly shown: "*" | "?";
  /** Whether it stands for a slash too. */
  readonly crosses: boolean;
}

const WILDCARDS: ReadonlyMap<string, Wildcard> = new Map([
  ["*", { shown: "*", crosses: true }],
  ["?", { shown: "?", crosses: true }],
  ["\u0001", { shown: "*", crosses: false }],
  ["\u0002", { shown: "?", crosses: false }],
]);
/** The characters `*` and `?` themselves. */
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\u0003", "*"],
  ["\u0004", "?"],
]);

function mapped(pattern: string, change: (character: string) => string): string {
  return pattern.split("").map(change).join("");
}

/** A pattern whose wildcards stand for no slash, as in the name of a bucket. */
export function inName(pattern: string): string {
  return pattern.replaceAll("*", "\u0001").replaceAll("?", "\u0002");
}

/** The pattern that matches a text and nothing else. */
export function literal(text: string): string {
  return text.replaceAll("*", "\u0003").replaceAll("?", "\u0004");
}

/** A pattern as people read it. */
export function shown(pattern: string): string {
  return mapped(pattern, (character) => ESCAPED.get(character) ?? WILDCARDS.get(character)?.shown ?? character);
}

/** The part of a pattern before its first wildcard: all that it matches begins so. */
export function literalPart(pattern: string): string {
  const first = pattern.split("").findIndex((character) => WILDCARDS.has(character));
  return first < 0 ? pattern : pattern.slice(0, first);
}

const expressions = new Map<string, RegExp>();

/** Whether a pattern matches a text, as a whole. */
export function matches(pattern: string, text: string, flags: "" | "i" = ""): boolean {
  const known = expressions.get(flags + pattern);
  if (known !== undefined) return known.test(text);
  const source = mapped(pattern, (character) => {
    const wildcard = WILDCARDS.get(character);
    if (wildcard === undefined) return (ESCAPED.get(character) ?? character).replace(/[.*?+^${}()|[\]\\]/, "\\$&");
    return (wildcard.crosses ? "." : "[^/]") + (wildcard.shown === "*" ? "*" : "");
  });
  const expression = new RegExp(`^${source}$`, `s${flags}`);
  expressions.set(flags + pattern, expression);
  return expression.test(text);
}

/** How much of a pattern a text may have used up, step by step: an automaton, made as far as it is asked for. */
class Automaton {
  private readonly states: { readonly places: readonly number[]; readonly next: Map<string, number> }[] = [];
  private readonly known = new Map<string, number>();
  readonly start: number;

  constructor(private readonly pattern: string) {
    this.start = this.stateOf([0]);
  }

  /** Whether a text that leads here is matched. */
  isEnd(state: number): boolean {
    return this.at(state).places.includes(this.pattern.length);
  }

  /** Whether no text that goes on from here is matched. */
  isDead(state: number): boolean {
    return this.at(state).places.length === 0;
  }

  after(state: number, character: string): number {
    const { places, next } = this.at(state);
    const found = next.get(character);
    if (found !== undefined) return found;
    const reached = places.flatMap((place) => {
      const expected = this.pattern[place] ?? "";
      const wildcard = WILDCARDS.get(expected);
      if (wildcard === undefined) return (ESCAPED.get(expected) ?? expected) === character ? [place + 1] : [];
      if (character === "/" && !wildcard.crosses) return [];
      return [wildcard.shown === "*" ? place : place + 1];
    });
    const made = this.stateOf(reached);
    next.set(character, made);
    return made;
  }

  /** The characters that lead from here elsewhere than others do. */
  expected(state: number): readonly string[] {
    return this.at(state).places.flatMap((place) => {
      const expected = this.pattern[place];
      const wildcard = WILDCARDS.get(expected ?? "");
      if (wildcard !== undefined) return wildcard.crosses ? [] : ["/"];
      return expected === undefined ? [] : [ESCAPED.get(expected) ?? expected];
    });
  }

  private at(state: number) {
    return this.states[state] ?? { places: [], next: new Map<string, number>() };
  }

  /** A star may be left at once, or stayed in. */
  private stateOf(places: readonly number[]): number {
    const all = new Set(places);
    for (const place of all) if (WILDCARDS.get(this.pattern[place] ?? "")?.shown === "*") all.add(place + 1);
    const sorted = [...all].sort((a, b) => a - b);
    const key = sorted.join();
    const state = this.known.get(key) ?? this.states.push({ places: sorted, next: new Map() }) - 1;
    this.known.set(key, state);
    return state;
  }
}

const automata = new Map<string, Automaton>();

function automatonOf(pattern: string): Automaton {
  const known = automata.get(pattern) ?? new Automaton(pattern);
  automata.set(pattern, known);
  return known;
}

/** A search that has not ended by then would hardly end at all; what policies usually say takes some hundred steps. */
const MOST_STATES = 100_000;

/**
 * A text that `within` matches and that is wanted, by which of the other patterns match it; undefined where there is none.
 * All texts are searched, since those that lead all patterns to the same states are alike.
 * @throws {Error} where the patterns have too many states together
 */
export function textWithin(
  within: string,
  others: readonly string[],
  isWanted: (isMatched: (pattern: string) => boolean) => boolean,
): string | undefined {
  const patterns = [...new Set([within, ...others])];
  const all = patterns.map(automatonOf);
  const indexes = new Map(patterns.map((pattern, index) => [pattern, index]));
  const begin = shown(literalPart(within));
  const characters = begin.split("");
  const first = all.map((automaton) =>
    characters.reduce((state, character) => automaton.after(state, character), automaton.start),
  );
  const seen = new Set([first.join()]);
  const open = [{ states: first, text: begin }];
  for (const { states, text } of open) {
    const isMatched = (pattern: string) => {
      const index = indexes.get(pattern) ?? 0;
      return all[index]?.isEnd(states[index] ?? 0) ?? false;
    };
    if (isMatched(within) && isWanted(isMatched)) return text;
    const expected = new Set(all.flatMap((automaton, index) => automaton.expected(states[index] ?? 0)));
    for (const character of [...expected, anyBut(expected)]) {
      const next = all.map((automaton, index) => automaton.after(states[index] ?? 0, character));
      const key = next.join();
      if (seen.has(key) || all[0]?.isDead(next[0] ?? 0)) continue;
      if (seen.size > MOST_STATES) throw new Error(`too much to search: ${patterns.map(shown).join(", ")}`);
      seen.add(key);
      open.push({ states: next, text: text + character });
    }
  }
  return undefined;
}

function anyBut(expected: ReadonlySet<string>): string {
  for (let code = "x".charCodeAt(0); ; code--) {
    const character = String.fromCharCode(code);
    if (!expected.has(character)) return character;
  }
}
