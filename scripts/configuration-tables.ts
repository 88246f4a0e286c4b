import type { z } from "zod";
import { backendKeys, nestedBackendKeys } from "../config/schema/backend-keys";
import { meaningOf } from "../config/schema/check-keys";
import { ENVIRONMENT_DEFAULTS } from "../config/schema/environment-defaults";
import { foundationKeys } from "../config/schema/foundation-keys";
import { serverKeys, serversKeys } from "../config/schema/servers-keys";

type Keys = Readonly<Record<string, z.ZodType>>;

const TABLES: Readonly<Record<string, Keys>> = {
  "foundation.tfvars": foundationKeys,
  "servers.tfvars": serversKeys,
  "entries of servers": serverKeys,
  "backend.hcl": backendKeys,
  "entries of backend.hcl": Object.fromEntries(
    Object.entries(nestedBackendKeys).flatMap(([parent, keys]) =>
      Object.entries(keys).map(([key, schema]) => [`${parent}.${key}`, schema]),
    ),
  ),
};

const PLACE = /<!-- table: (.*?) -->[\s\S]*?<!-- end -->/g;

/**
 * Replaces what stands between `<!-- table: NAME -->` and `<!-- end -->` by the table that the schema gives.
 * @throws {Error} where no such table is known
 */
export function withTables(document: string): string {
  return document.replace(PLACE, (_, name: string) => {
    const keys = TABLES[name];
    if (keys === undefined) throw new Error(`no table is named ${name}: choose one of ${TABLE_NAMES.join(", ")}`);
    return `<!-- table: ${name} -->\n${table(keys)}\n<!-- end -->`;
  });
}

export const TABLE_NAMES: readonly string[] = Object.keys(TABLES);

/** A table with its columns aligned, as the formatter leaves it. */
function table(keys: Keys): string {
  const rows = [
    ["key", "type", "default", "meaning"],
    ...Object.entries(keys).map(([key, schema]) => [
      `\`${key}\``,
      typeOf(schema),
      defaultOf(key, schema),
      meaningOf(schema),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[], fill: string) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(" | ")} |`;
  const [head, ...body] = rows.map((row) => line(row, " "));
  return [head, line(["", "", "", ""], "-"), ...body].join("\n");
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
  if (entries !== undefined) return `one of ${Object.values(entries).map(code).join(", ")}`;
  if (valueType !== undefined) return `map of ${valueType.def.type === "unknown" ? "object" : typeOf(valueType)}`;
  if (element !== undefined) return `list of ${typeOf(element)}`;
  return { boolean: "bool", unknown: "refused" }[type] ?? type;
}

function defaultOf(key: string, schema: z.ZodType): string {
  if (Object.hasOwn(ENVIRONMENT_DEFAULTS, key)) {
    const { otherwise, ...byName } = ENVIRONMENT_DEFAULTS[key as keyof typeof ENVIRONMENT_DEFAULTS];
    const named = Object.entries(byName).map(([name, value]) => `${code(value)} in \`${name}\``);
    return `${named.join(", ")}; else ${code(otherwise)}`;
  }
  const result = schema.safeParse(undefined);
  if (!result.success) return "required";
  return result.data === undefined ? "—" : code(result.data);
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
