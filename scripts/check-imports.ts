import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ICruiseOptions, ICruiseResult, IForbiddenRuleType, IModule } from "dependency-cruiser";
import { allowClosedPipe } from "../terminal/closed-pipe";

const PROJECT = join(__dirname, "..");
const FOLDERS_RULE = "no-circular-folders";

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every breach of the rules in `.dependency-cruiser.mjs`, and every circle between folders, a line each. */
async function importFaults(folder: string): Promise<string[]> {
  const [{ cruise }, { default: rules }] = await Promise.all([
    import("dependency-cruiser"),
    import(join(PROJECT, ".dependency-cruiser.mjs")),
  ]);
  const { forbidden, options } = rules as { forbidden: IForbiddenRuleType[]; options: ICruiseOptions };
  const sources = readdirSync(folder).filter((name) => isSource(folder, name));
  const { output } = await cruise(sources, { ...options, baseDir: folder, validate: true, ruleSet: { forbidden } });
  const { modules, summary } = output as ICruiseResult;
  const remedies = new Map(forbidden.map(({ name, comment }) => [name, comment]));
  const breaches = summary.violations.map(({ rule, from, to, cycle, type }) => {
    const path = type === "reachability" || from === to ? [to] : [from, ...(cycle?.map(({ name }) => name) ?? [to])];
    return `${rule.name}: ${path.join(" → ")} (${remedies.get(rule.name)})`;
  });
  // Benches use what supports tests, and tests try what benches are made of: the rooms' own rules say what of it.
  const imports = importsOf(modules).filter(
    ({ from, to }) => !(from.startsWith("bench/") && to.startsWith("__tests__/")),
  );
  return [...new Set([...breaches, ...folderCircles(imports).map((circle) => `${FOLDERS_RULE}: ${circle}`)])];
}

function isSource(folder: string, name: string): boolean {
  if (/^(\..*|node_modules|dist|cdktf\.out|coverage)$/.test(name)) return false;
  return name === "main.ts" || statSync(join(folder, name)).isDirectory();
}

function importsOf(modules: readonly IModule[]): Import[] {
  return modules.flatMap(({ source, dependencies }) =>
    dependencies
      .filter(
        ({ resolved, coreModule, couldNotResolve }) =>
          !coreModule && !couldNotResolve && !/node_modules\//.test(resolved),
      )
      .map(({ resolved }) => ({ from: source, to: resolved })),
  );
}

/**
 * The circles between the children of each folder, files and folders, at every depth: an import counts between the two
 * children that hold its ends. dependency-cruiser's own folder scope leaves out a folder's files beside its folders,
 * and what leads from a folder to another's inner folders. Circles of files alone are `no-circular-files`'s.
 */
export function folderCircles(imports: readonly Import[]): string[] {
  const parents = new Map<string, Map<string, Map<string, Import>>>();
  for (const one of imports) {
    const from = one.from.split("/");
    const to = one.to.split("/");
    const depth = from.findIndex((part, index) => part !== to[index]);
    if (depth < 0) continue;
    const children = entry(parents, from.slice(0, depth).join("/"), () => new Map());
    const child = from.slice(0, depth + 1).join("/");
    entry(children, child, () => new Map()).set(to.slice(0, depth + 1).join("/"), one);
  }
  return [...parents.values()].flatMap((children) => {
    const circles = new Map<string, string>();
    for (const child of children.keys()) {
      const circle = shortestCircle(children, child);
      if (circle.every((name) => /\.\w+$/.test(name))) continue;
      const steps = circle.map((name, index) => children.get(name)?.get(circle[(index + 1) % circle.length] ?? ""));
      const evidence = steps.map((step) => `${step?.from} imports ${step?.to}`).join(", ");
      circles.set([...circle].sort().join(), `${[...circle, child].join(" → ")} (${evidence})`);
    }
    return [...circles.values()];
  });
}

type Graph = ReadonlyMap<string, ReadonlyMap<string, Import>>;

/** The shortest way from a child back to itself; empty where there is none. */
function shortestCircle(graph: Graph, start: string): string[] {
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of graph.get(way.at(-1) ?? "")?.keys() ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return [];
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}

/** Checks this project, or the folders that are named: each has the shape of the project. */
async function main(folders: readonly string[]): Promise<void> {
  for (const folder of folders.length > 0 ? folders : [PROJECT]) {
    for (const fault of await importFaults(folder)) {
      console.error(folders.length > 1 ? `${folder}: ${fault}` : fault);
      process.exitCode = 1;
    }
  }
}

if (require.main === module) {
  allowClosedPipe();
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
