import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withTables } from "./configuration-tables";

for (const name of ["README.md", "docs/configuration.md"]) {
  const document = join(__dirname, "..", name);
  if (existsSync(document)) writeFileSync(document, withTables(readFileSync(document, "utf8")));
}
