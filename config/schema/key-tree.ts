import type { z } from "zod";
import type { KeyPath } from "../source/fault";
import type { Keys } from "./check-keys";

/** The keys of a file, with those of the entries of its maps of objects and those of its objects, `access.s3` too. */
export interface KeyTree {
  readonly keys: Keys;
  readonly entries: Readonly<Record<string, Keys>>;
  readonly objects?: Readonly<Record<string, Keys>>;
}

/** Whether a part of a path is the name of an entry of a map, which users choose, and no key. */
export function isChosenName({ keys, entries, objects = {} }: KeyTree): (path: KeyPath, index: number) => boolean {
  const schemaOf = (path: KeyPath): z.ZodType | undefined => {
    const [name = "", , inner = ""] = path;
    if (path.length <= 1) return own(keys, name);
    const entry = own(entries, name);
    if (entry !== undefined) return path.length === 3 ? own(entry, inner) : undefined;
    return own(own(objects, path.slice(0, -1).join(".")) ?? {}, path.at(-1) ?? "");
  };
  return (path, index) => index > 0 && isMap(schemaOf(path.slice(0, index)));
}

function own<T>(object: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Whether a schema is that of a map, whatever is around it: a default, a conversion. */
function isMap(schema: z.ZodType | undefined): boolean {
  if (schema === undefined) return false;
  const { type, innerType, out } = schema.def as unknown as Readonly<
    Record<"innerType" | "out", z.ZodType | undefined> & { type: string }
  >;
  return type === "record" || isMap(innerType ?? out);
}
