import { readFileSync } from "node:fs";
import { join } from "node:path";
import { foundationKeys } from "../../config/schema/foundation-keys";
import { serverKeys, serversKeys } from "../../config/schema/servers-keys";
import { configurationTables, withTables } from "../../scripts/configuration-tables";

const document = readFileSync(join(__dirname, "..", "..", "docs", "configuration.md"), "utf8");

it("docs/configuration.md has every table, as the schema gives it (else: npm run docs)", () => {
  for (const name of Object.keys(configurationTables())) expect(document).toContain(`<!-- table: ${name} -->`);
  expect(withTables(document)).toBe(document);
});

it("every key has a meaning, a type and a default in it", () => {
  const tables = document.match(/<!-- table: (?!files).*? -->[\s\S]*?<!-- end -->/g) ?? [];
  const rows = tables
    .join("\n")
    .split("\n")
    .filter((line) => /^\| `/.test(line));
  for (const row of rows) expect(row).toMatch(/^\| `[^|]+` +\| [^|]+ \| [^|]+ \| [^|]+\. +\|$/);
  for (const key of [foundationKeys, serversKeys, serverKeys].flatMap(Object.keys)) {
    expect(rows.filter((row) => row.startsWith(`| \`${key}\` `)).length).toBeGreaterThan(0);
  }
});

it("the defaults that depend on the environment's name are documented", () => {
  const unpadded = document.replace(/ +/g, " ");
  expect(unpadded).toContain("| `bucket_versioning` | bool | `true` in `prod`; else `false` |");
  expect(unpadded).toContain("| `bucket_expiration_days` | number | `10` in `dev`; else `0` |");
  expect(unpadded).toContain("| `aws_region` | string | required |");
});

it("a table that is not known is an error", () => {
  expect(() => withTables("<!-- table: nonsense --><!-- end -->")).toThrow(/nonsense: choose one of/);
});
