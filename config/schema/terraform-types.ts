import { z } from "zod";
import type { Problem } from "../source/fault";

/** What is wrong with a value of the right type; undefined where it is right. */
export type Rule<T> = (value: T) => Problem | undefined;

// Terraform's own conversions: a quoted number is a number, and so on. Checked against Terraform 1.11.
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };

const toText = (value: unknown) => (Number.isFinite(value) || typeof value === "boolean" ? String(value) : value);
const toNumber = (value: unknown) => (typeof value === "string" && NUMBER.test(value) ? Number(value) : value);
const toFlag = (value: unknown) =>
  typeof value === "string" && Object.hasOwn(BOOLEANS, value) ? BOOLEANS[value] : value;

/** A value that Terraform's type `string` accepts. */
export function text(...rules: readonly Rule<string>[]) {
  return z.preprocess(toText, z.string().check(following(rules)));
}

/** One of a few strings. */
export function choice<const T extends readonly string[]>(values: T) {
  return z.preprocess(toText, z.enum(values));
}

/** A list of some of a few strings. */
export function choices<const T extends readonly string[]>(values: T, ...rules: readonly Rule<readonly string[]>[]) {
  return z.array(choice(values)).check(following<readonly string[]>(rules));
}

/** A value that Terraform's type `number` accepts. */
export function number(...rules: readonly Rule<number>[]) {
  return z.preprocess(toNumber, z.number().check(following(rules)));
}

/** A value that Terraform's type `bool` accepts. */
export function flag() {
  return z.preprocess(toFlag, z.boolean());
}

/** A value that Terraform's type `map(string)` accepts; entries that are null are left out, as the provider does. */
export function textMap() {
  return z.preprocess(withoutNulls, z.record(z.string(), text()));
}

/** A value that Terraform's type `set(string)` accepts. */
export function texts(...rules: readonly Rule<readonly string[]>[]) {
  return z.array(text()).check(following<readonly string[]>(rules));
}

export function withoutNulls(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== null));
}

/** A key that Terraform knows and that may not be used here, since its value would end up in the synthesised JSON. */
export function refusedSecret(remedy: string) {
  const message = "is a secret, and whatever is written here ends up in clear in the synthesised JSON";
  const problem: Problem = { message, remedy };
  const schema = z.unknown().check(following([(value) => (value === undefined ? undefined : problem)]));
  return secret(schema).meta({ refused: true });
}

/** Marks a key whose value is a secret or may hold one, like a URL with a password: no fault shows it. */
export function secret<T extends z.ZodType>(schema: T): T {
  return schema.meta({ secret: true });
}

export function isSecret(schema: z.ZodType): boolean {
  return z.globalRegistry.get(schema)?.secret === true;
}

/** Whether a key is one that may not be used. */
export function isRefused(schema: z.ZodType | undefined): boolean {
  return schema !== undefined && z.globalRegistry.get(schema)?.refused === true;
}

/** A whole number of a range. */
export function wholeNumber(minimum: number, maximum: number, remedy: string): Rule<number> {
  return (value) =>
    Number.isInteger(value) && value >= minimum && value <= maximum
      ? undefined
      : { message: `is not a whole number from ${minimum} to ${maximum}`, remedy };
}

/** A string of a pattern; `form` completes the sentence "is not …". */
export function matching(pattern: RegExp, form: string, remedy: string): Rule<string> {
  return (value) => (pattern.test(value) ? undefined : { message: `is not ${form}`, remedy });
}

function following<T>(rules: readonly Rule<T>[]): z.core.CheckFn<T> {
  return (payload) => {
    for (const rule of rules) {
      const problem = rule(payload.value);
      if (problem !== undefined) {
        payload.issues.push({ code: "custom", input: payload.value, message: problem.message, params: { problem } });
      }
    }
  };
}
