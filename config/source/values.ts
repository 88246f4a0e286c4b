import type { KeyPath, Problem } from "./fault";

export interface LiteralValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly expressions: readonly { readonly path: KeyPath; readonly value: string }[];
}

/**
 * The literal values of parsed HCL, escapes resolved. The parser evaluates what it can and renders every other
 * expression as `${source}`: each is left out of the values and reported with its path.
 */
export function literalValues(
  rendered: Readonly<Record<string, unknown>>,
  keyInParentheses: (source: string) => string,
): LiteralValues {
  const expressions: { path: KeyPath; value: string }[] = [];
  const literal = (value: unknown, path: KeyPath): unknown => {
    if (typeof value === "string") {
      if (!holdsExpression(value)) return unescapeTemplate(value);
      expressions.push({ path, value });
      return REPORTED;
    }
    if (Array.isArray(value)) return value.map((item, index) => literal(item, [...path, String(index)]));
    return typeof value === "object" && value !== null ? literalObject(value, path) : value;
  };
  /** `{ ("a") = 1 }` has the key a, as Terraform reads it; undefined where a key is an expression. */
  const literalKey = (key: string): string | undefined => {
    if (!holdsExpression(key)) return unescapeTemplate(key);
    const source = wholeExpression(key);
    const name = source?.startsWith("(") ? keyInParentheses(source) : key;
    return name === key ? undefined : name;
  };
  const literalObject = (object: object, path: KeyPath): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(object)) {
      const name = literalKey(key);
      if (name === undefined) expressions.push({ path: [...path, key], value: key });
      else entries.push([name, literal(value, [...path, name])]);
    }
    return Object.fromEntries(entries);
  };
  return { values: literalObject(rendered, []), expressions };
}

/** In place of a value that is already reported, as an expression or a block, so that it is reported once. */
export const REPORTED: unique symbol = Symbol("reported");

// `${` and `%{` begin an expression unless the sign is doubled: https://developer.hashicorp.com/terraform/language/expressions/strings
const EXPRESSION = /(?<!\$)\$\{|(?<!%)%\{/;
const ESCAPE = /\$\$\{|%%\{/g;

/** Whether a string, as the HCL parser renders it, holds an expression that it could not evaluate. */
export function holdsExpression(rendered: string): boolean {
  return EXPRESSION.test(rendered);
}

/** The source of a value that is one expression and nothing beside: of `yes`, which the parser renders as `${yes}`. */
export function wholeExpression(rendered: string): string | undefined {
  const source = /^\$\{([\s\S]*)\}$/.exec(rendered)?.[1];
  return source === undefined || holdsExpression(source.replace(/"(?:[^"\\]|\\.)*"/g, "")) ? undefined : source;
}

/** The literal text of a string that holds no expression: `$${x}` means `${x}`. */
export function unescapeTemplate(rendered: string): string {
  return rendered.replace(ESCAPE, (doubled) => doubled.slice(1));
}

/** In place of a block (`name { … }`), where a file may hold arguments alone. */
export const BLOCK: unique symbol = Symbol("block");

export interface UsableValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly refused: readonly { readonly path: KeyPath; readonly value?: unknown; readonly problem: Problem }[];
}

const TOKEN = "TfToken[";
const HOLDS_TOKEN: Problem = {
  message: `holds "${TOKEN}", by which cdktf marks the places that it fills in itself`,
  remedy: "write it in another way",
};
const RESERVED: Problem = {
  message: "is a name that JavaScript keeps for itself, and would be lost on the way",
  remedy: "rename it",
};

/** Leaves out of a file's values what would not reach Terraform as it was written, and says where that is. */
export function usableValues(parsed: Readonly<Record<string, unknown>>): UsableValues {
  const refused: { path: KeyPath; value?: unknown; problem: Problem }[] = [];
  const usable = (value: unknown, path: KeyPath): unknown => {
    if (typeof value === "string" && value.includes(TOKEN)) {
      refused.push({ path, value, problem: HOLDS_TOKEN });
      return REPORTED;
    }
    if (Array.isArray(value)) return value.map((item, index) => usable(item, [...path, String(index)]));
    return typeof value === "object" && value !== null ? usableObject(value, path) : value;
  };
  const usableObject = (object: object, path: KeyPath): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(object).flatMap(([key, value]) => {
        const inner = [...path, key];
        const problem = key === "__proto__" ? RESERVED : key.includes(TOKEN) ? HOLDS_TOKEN : undefined;
        if (problem === undefined) return [[key, usable(value, inner)]];
        refused.push({ path: inner, problem });
        return [];
      }),
    );
  return { values: usableObject(parsed, []), refused };
}
