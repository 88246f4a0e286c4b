import { basename } from "node:path";
import { z } from "zod";
import { nearest } from "../../terminal/nearest";
import type { Fault, KeyPath, Problem } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import { BLOCK, REPORTED } from "../source/values";
import { isRefused } from "./terraform-types";

/** The keys of a file, or of an object in it: the single source of names, types, defaults, rules and meanings. */
export type Keys = Readonly<Record<string, z.ZodType>>;
export type Values<K extends Keys> = { readonly [P in keyof K]: z.output<K[P]> };

export interface CheckedKeys<K extends Keys> {
  /** The values that are right, defaults included: checks across keys go on with them, whatever else is wrong. */
  readonly values: Partial<Values<K>>;
  readonly faults: readonly Fault[];
}

/**
 * Checks each key of an object on its own, so that one fault hides no other.
 * @param path the way to the object in its file
 * @param hint what to say of an unknown key, where more is known than the nearest of the known ones
 */
export function checkKeys<K extends Keys>(
  keys: K,
  source: SourceFile,
  path: KeyPath,
  object: Readonly<Record<string, unknown>>,
  hint: (key: string) => string | undefined = () => undefined,
): CheckedKeys<K> {
  const faults: Fault[] = [];
  const values: Record<string, unknown> = {};
  const usable = Object.keys(keys).filter((key) => !isRefused(keys[key]));
  for (const key of Object.keys(object)) {
    if (!Object.hasOwn(keys, key)) faults.push(unknownKey(source, [...path, key], object[key], usable, hint));
  }
  for (const [key, schema] of Object.entries(keys)) {
    // Null is Terraform's way to say "the default".
    const value = (Object.hasOwn(object, key) ? object[key] : undefined) ?? undefined;
    if (value === REPORTED) continue;
    if (value === BLOCK) {
      faults.push(faultAt(source, [...path, key], blockProblem(key)));
      continue;
    }
    const result = schema.safeParse(value);
    if (result.success) {
      if (result.data !== undefined) values[key] = result.data;
      continue;
    }
    for (const issue of result.error.issues) {
      const issuePath = issue.path.map(String);
      const found = valueAt(value, issuePath);
      if (found === REPORTED) continue;
      const fullPath = [...path, key, ...issuePath];
      faults.push(
        faultAt(source, fullPath, missingFrom(source, fullPath, problemOf(issue, found, schema), found), found),
      );
    }
  }
  return { values: values as Partial<Values<K>>, faults };
}

/** An entry of a map of objects, by its name in the file. */
export interface CheckedEntry<K extends Keys> {
  readonly name: string;
  readonly checked: CheckedKeys<K>;
}

/**
 * Checks each entry of a map of objects, as `servers` is, on its own.
 * @param remedy what to do about an entry that is no object
 */
export function checkEntries<K extends Keys>(
  keys: K,
  source: SourceFile,
  parent: string,
  entries: Readonly<Record<string, unknown>>,
  hint: (key: string) => string | undefined,
  remedy: string,
): CheckedEntry<K>[] {
  return Object.entries(entries).map(([name, entry]) => {
    const path = [parent, name];
    if (entry === REPORTED) return { name, checked: { values: {}, faults: [] } };
    if (typeof entry === "object" && entry !== null && !Array.isArray(entry)) {
      return { name, checked: checkKeys(keys, source, path, entry as Record<string, unknown>, hint) };
    }
    const fault = faultAt(source, path, { message: "is not an object", remedy }, entry);
    return { name, checked: { values: {}, faults: [fault] } };
  });
}

function blockProblem(key: string): Problem {
  return {
    message: "is a block, and this file may hold arguments only",
    remedy: `put an equals sign before the brace: ${key} = { … }`,
  };
}

function unknownKey(
  source: SourceFile,
  path: KeyPath,
  value: unknown,
  known: readonly string[],
  hint: (key: string) => string | undefined,
): Fault {
  const key = path.at(-1) ?? "";
  const meant = nearest(key, known);
  const remedy =
    hint(key) ?? (meant === undefined ? `remove it; the keys are ${known.join(", ")}` : `did you mean ${meant}?`);
  const problem = { message: "is not a key that is known here", remedy };
  return faultAt(source, path, problem, typeof value === "symbol" ? undefined : value);
}

function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

const REMEDIES: Readonly<Record<string, string>> = {
  string: "write it in double quotes",
  number: "write a number without quotes",
  boolean: "write true or false",
  record: "write a map: { name = value }",
  object: "write an object: { name = value }",
  array: 'write a list: ["a", "b"]',
};
const NAMES: Readonly<Record<string, string>> = {
  boolean: "true or false",
  record: "a map",
  object: "an object",
  array: "a list",
};

function problemOf(issue: z.core.$ZodIssue, found: unknown, schema: z.ZodType): Problem {
  if (issue.code === "custom") return issue.params?.problem as Problem;
  if (found === undefined) return { message: "is missing", remedy: `add it: ${meaningOf(schema)}` };
  if (issue.code === "invalid_value") {
    const known = issue.values.map(String);
    const meant = typeof found === "string" ? nearest(found, known) : undefined;
    const list = known.map((value) => `"${value}"`).join(", ");
    return {
      message: `is not one of ${list}`,
      remedy: meant === undefined ? `choose one of ${list}` : `did you mean "${meant}"?`,
    };
  }
  if (issue.code === "invalid_type") {
    const expected = issue.expected;
    // Of a number in quotes zod alone knows what it became.
    if (found === Number.POSITIVE_INFINITY || found === Number.NEGATIVE_INFINITY || "received" in issue) {
      return { message: "is a number beyond all bounds", remedy: "write a smaller one" };
    }
    return {
      message: `is ${kindOf(found)}, not ${NAMES[expected] ?? `a ${expected}`}`,
      remedy: REMEDIES[expected] ?? issue.message,
    };
  }
  return { message: issue.message, remedy: meaningOf(schema) };
}

/** A key that is nowhere has no line: its file is named instead. */
function missingFrom(source: SourceFile, path: KeyPath, problem: Problem, found: unknown): Problem {
  if (found !== undefined || source.outline.positionOf(path) !== undefined) return problem;
  return { ...problem, remedy: `${problem.remedy} (in ${basename(source.file)})` };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (value === null) return "null";
  return typeof value === "object" ? "a map" : typeof value === "boolean" ? "true or false" : `a ${typeof value}`;
}

/** The meaning of a key, as documented. */
export function meaningOf(schema: z.ZodType): string {
  return z.globalRegistry.get(schema)?.description ?? "";
}

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
export type CamelKeys<T> = { readonly [K in keyof T & string as Camel<K>]: T[K] };

/** `s3_path_prefix` → `s3PathPrefix`, for the keys of this object alone: what lies deeper may be users' own names. */
export function camelKeys<T extends object>(object: T): CamelKeys<T> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  ) as CamelKeys<T>;
}
