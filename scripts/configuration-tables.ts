import type { z } from "zod";
import { backendKeys, nestedBackendKeys } from "../config/schema/backend-keys";
import { meaningOf } from "../config/schema/check-keys";
import { ENVIRONMENT_DEFAULTS, THROTTLE_DEFAULTS } from "../config/schema/foundation-keys";
import { LAYERS, type Layer, stackName } from "../layers";

type Keys = Readonly<Record<string, z.ZodType>>;

const BACKEND_TABLES: Readonly<Record<string, Keys>> = {
  "backend.hcl": backendKeys,
  "entries of backend.hcl": Object.fromEntries(
    Object.entries(nestedBackendKeys).flatMap(([parent, keys]) =>
      Object.entries(keys).map(([key, schema]) => [`${parent}.${key}`, schema]),
    ),
  ),
};

/** The tables by name, as text: which files there are, and the keys of each. */
export function configurationTables(layers: readonly Layer[] = LAYERS): Readonly<Record<string, string>> {
  const keys = layers.flatMap((layer) => [
    [layer.variablesFile, layer.keys] as const,
    ...objectsOf(layer),
    ...Object.entries(layer.entries).map(([parent, entry]) => [`entries of ${parent}`, entry] as const),
  ]);
  return {
    files: filesTable(layers),
    ...Object.fromEntries(
      [...keys, ...Object.entries(BACKEND_TABLES)].map(([name, table]) => [name, keysTable(table)]),
    ),
  };
}

/** The keys of a layer's objects in one table, each by its path. */
function objectsOf({ variablesFile, objects = {} }: Layer): (readonly [string, Keys])[] {
  const paths = Object.entries(objects).flatMap(([parent, keys]) =>
    Object.entries(keys).map(([key, schema]) => [`${parent}.${key}`, schema] as const),
  );
  return paths.length === 0 ? [] : [[`objects of ${variablesFile}`, Object.fromEntries(paths)]];
}

const PLACE = /<!-- table: (.*?) -->[\s\S]*?<!-- end -->/g;

/**
 * Replaces what is between `<!-- table: NAME -->` and `<!-- end -->` by the table that the schema gives.
 * @throws {Error} where no such table is known
 */
export function withTables(document: string, layers: readonly Layer[] = LAYERS): string {
  const tables = configurationTables(layers);
  return document.replace(PLACE, (_, name: string) => {
    const table = tables[name];
    if (table === undefined) {
      throw new Error(`no table is named ${name}: choose one of ${Object.keys(tables).join(", ")}`);
    }
    return `<!-- table: ${name} -->\n${table}\n<!-- end -->`;
  });
}

function filesTable(layers: readonly Layer[]): string {
  return table(
    ["file", "layer", "what it says"],
    layers.flatMap(({ name, contents, optional, variablesFile, backendFile }) => [
      [code(variablesFile), code(name), `${contents}${optional ? "; without this file there is no such layer" : ""}`],
      [code(backendFile), code(name), `where Terraform keeps the state of \`${stackName(name, "<environment>")}\``],
    ]),
  );
}

function keysTable(keys: Keys): string {
  return table(
    ["key", "type", "default", "meaning"],
    Object.entries(keys).map(([key, schema]) => [code(key), typeOf(schema), defaultOf(key, schema), meaningOf(schema)]),
  );
}

/** A table with its columns aligned, as the formatter leaves it. */
function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const rows = [head, ...body];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const [first, ...others] = rows.map((row) => line(row, " "));
  return [
    first,
    line(
      head.map(() => ""),
      "-",
    ),
    ...others,
  ].join("\n");
}

/** What zod keeps of a schema's make-up, as far as these tables need it. */
interface Definition {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly out?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly entries?: Readonly<Record<string, string>>;
}

/** The type by Terraform's name for it. */
function typeOf(schema: z.ZodType): string {
  const { type, innerType, out, valueType, element, entries } = schema.def as unknown as Definition;
  const inner = innerType ?? out;
  if (inner !== undefined) return typeOf(inner);
  if (entries !== undefined) return `one of ${Object.values(entries).map(json).join(", ")}`;
  if (valueType !== undefined) return `map of ${valueType.def.type === "unknown" ? "object" : typeOf(valueType)}`;
  if (element !== undefined) return `list of ${typeOf(element)}`;
  return { boolean: "bool", unknown: "refused" }[type] ?? type;
}

function defaultOf(key: string, schema: z.ZodType): string {
  const result = schema.safeParse(undefined);
  if (result.success && result.data !== undefined) return json(result.data);
  if (Object.hasOwn(THROTTLE_DEFAULTS, key)) return THROTTLE_DEFAULTS[key as keyof typeof THROTTLE_DEFAULTS];
  if (Object.hasOwn(ENVIRONMENT_DEFAULTS, key)) {
    const { otherwise, ...byName } = ENVIRONMENT_DEFAULTS[key as keyof typeof ENVIRONMENT_DEFAULTS];
    const named = Object.entries(byName).map(([name, value]) => `${json(value)} in ${code(name)}`);
    return `${named.join(", ")}; else ${json(otherwise)}`;
  }
  return result.success ? "—" : "required";
}

function json(value: unknown): string {
  return code(JSON.stringify(value));
}

function code(text: string): string {
  return `\`${text}\``;
}
