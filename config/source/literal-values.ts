import type { KeyPath } from "./fault";
import { holdsExpression, unescapeTemplate } from "./template-escapes";

export interface LiteralValues {
  readonly values: Readonly<Record<string, unknown>>;
  readonly expressions: readonly { readonly path: KeyPath; readonly value: string }[];
}

/**
 * The literal values of parsed HCL, escapes resolved. The parser evaluates what it can and renders every other
 * expression as `${source}`: each is left out of the values and reported with its path.
 */
export function literalValues(rendered: Readonly<Record<string, unknown>>): LiteralValues {
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
  const literalObject = (object: object, path: KeyPath): Record<string, unknown> => {
    const entries: [string, unknown][] = [];
    for (const [key, value] of Object.entries(object)) {
      if (holdsExpression(key)) expressions.push({ path: [...path, key], value: key });
      else {
        const name = unescapeTemplate(key);
        entries.push([name, literal(value, [...path, name])]);
      }
    }
    return Object.fromEntries(entries);
  };
  return { values: literalObject(rendered, []), expressions };
}

/** Stands for a value that is reported already, as an expression or a block, so that nothing else is said of it. */
export const REPORTED: unique symbol = Symbol("reported");
