import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What a module imports statically, and what that imports, and so on: files of ours, and names of others. */
function staticImports(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const names = readFileSync(file, "utf8").matchAll(/^(?:import|export) (?!type )[^;]*?from "([^"]+)"/gm);
  for (const [, name = ""] of names) {
    if (name.startsWith(".")) staticImports(join(dirname(file), `${name}.ts`), seen);
    else seen.add(name);
  }
  return seen;
}

it("npm start loads only what is of Node.js itself before its first line", () => {
  const loaded = [...staticImports(join(__dirname, "../../sandbox/main.ts"))];
  expect(loaded.filter((name) => !name.startsWith("/") && !name.startsWith("node:"))).toEqual([]);
  expect(loaded.length).toBeGreaterThan(5);
});
