import type { KeyPath, Problem } from "./fault";
import { REPORTED } from "./literal-values";

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
