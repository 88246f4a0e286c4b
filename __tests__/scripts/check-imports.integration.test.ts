import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROJECT = join(__dirname, "../..");

/** Files and what they import. `main.ts` imports every file of the product, and a test every helper in `__tests__/`. */
type Tree = Readonly<Record<string, readonly string[]>>;

/** A tree in which every rule is kept. */
const CLEAN: Tree = {
  "access/names.ts": ["./prefix"],
  "access/prefix.ts": [],
  "build/lambda.ts": ["esbuild", "../lambda/config"],
  "lambda/config.ts": ["node:url", "../access/names"],
  "stacks/stack.ts": ["cdktf", "@cdktf/provider-aws/lib/s3-bucket", "../access/names"],
  "plan/grants.ts": ["../access/names"],
  "__tests__/support/helper.ts": ["../../access/names"],
};

/** For each rule, trees that break it and no other. */
const BREACHES: readonly (readonly [rule: string, how: string, breach: Tree])[] = [
  ["room-access", "a room", { "access/a.ts": ["../config/b"], "config/b.ts": [] }],
  ["room-access", "a part of Node.js", { "access/a.ts": ["node:fs"] }],
  ["room-access", "a package", { "access/a.ts": ["zod"] }],
  ["room-terminal", "configuration", { "terminal/a.ts": ["../config/b"], "config/b.ts": [] }],
  ["room-iam", "a permission level", { "iam/a.ts": ["../access/names"] }],
  ["room-config", "a stack", { "config/a.ts": ["../stacks/stack"] }],
  ["room-config", "the registry of layers", { "config/a.ts": ["../layers/b"], "layers/b.ts": [] }],
  ["room-config", "a type of a construct", { "config/a.ts": ["type ../constructs/b"], "constructs/b.ts": [] }],
  ["room-lambda", "configuration", { "lambda/a.ts": ["../config/b"], "config/b.ts": [] }],
  ["room-client", "configuration", { "client/core/a.ts": ["../../config/b"], "config/b.ts": [] }],
  ["room-client", "the function", { "client/core/a.ts": ["../../lambda/config"] }],
  ["room-functions", "configuration", { "functions/a/index.ts": ["../../config/b"], "config/b.ts": [] }],
  ["room-build", "a construct", { "build/a.ts": ["../constructs/b"], "constructs/b.ts": [] }],
  ["room-constructs", "a stack", { "constructs/a.ts": ["../stacks/stack"] }],
  ["room-constructs", "the bundler, lazily", { "constructs/a.ts": ["lazy ../build/lambda"] }],
  ["room-constructs", "the sandbox", { "constructs/a.ts": ["../sandbox/b"], "sandbox/b.ts": [] }],
  ["room-stacks", "the registry of layers", { "stacks/a.ts": ["../layers/b"], "layers/b.ts": [] }],
  ["room-layers", "a plan", { "layers/a.ts": ["../plan/grants"] }],
  ["room-plan", "a stack", { "plan/a.ts": ["../stacks/stack"] }],
  ["room-bootstrap", "a construct", { "bootstrap/a.ts": ["../constructs/b"], "constructs/b.ts": [] }],
  ["room-users", "a stack", { "users/a.ts": ["../stacks/stack"] }],
  ["room-fleet", "the client", { "fleet/a.ts": ["../client/b"], "client/b.ts": [] }],
  ["room-audit", "a stack", { "audit/a.ts": ["../stacks/stack"] }],
  ["room-cost", "the client", { "cost/a.ts": ["../client/b"], "client/b.ts": [] }],
  ["room-scripts", "the sandbox", { "scripts/a.ts": ["../sandbox/b"], "sandbox/b.ts": [] }],
  ["room-sandbox", "the client", { "sandbox/a.ts": ["../client/b"], "client/b.ts": [] }],
  ["room-sandbox", "a test's helper", { "sandbox/a.ts": ["../__tests__/support/helper"] }],
  ["room-bench", "a stack", { "bench/a.ts": ["../stacks/stack"] }],
  ["room-bench", "what only tests use", { "bench/a.ts": ["../__tests__/fault-cases"], "__tests__/fault-cases.ts": [] }],
  ["known-rooms", "a room without a row", { "attic/a.ts": ["../access/names"] }],
  ["no-circular-files", "two files", { "plan/a.ts": ["./b"], "plan/b.ts": ["./a"] }],
  ["no-circular-files", "a type and a value", { "plan/a.ts": ["./b"], "plan/b.ts": ["type ./a"] }],
  [
    "no-circular-folders",
    "two folders of a room",
    { "plan/x/a.ts": ["../y/b"], "plan/y/b.ts": [], "plan/y/c.ts": ["../x/d"], "plan/x/d.ts": [] },
  ],
  [
    "no-circular-folders",
    "a folder and an inner folder of another",
    { "plan/x/a.ts": ["../y/b"], "plan/y/b.ts": [], "plan/y/c.ts": ["../x/inner/d"], "plan/x/inner/d.ts": [] },
  ],
  [
    "no-circular-folders",
    "a folder and a file beside it",
    { "plan/a.ts": ["./x/b"], "plan/x/b.ts": [], "plan/x/c.ts": ["../a"] },
  ],
  [
    "no-circular-folders",
    "three folders",
    {
      "plan/x/a.ts": ["../y/b"],
      "plan/y/b.ts": [],
      "plan/y/c.ts": ["../z/d"],
      "plan/z/d.ts": [],
      "plan/z/e.ts": ["../x/f"],
      "plan/x/f.ts": [],
    },
  ],
  ["no-provider-root", "the root of a provider", { "stacks/a.ts": ["@cdktf/provider-aws"] }],
  ["cdktf-in-stacks-only", "CDKTF in a plan", { "plan/a.ts": ["cdktf"] }],
  ["cdktf-in-stacks-only", "CDKTF in the client", { "client/a.ts": ["cdktf"] }],
  ["esbuild-in-build-only", "the bundler in a test", { "__tests__/support/a.ts": ["esbuild"] }],
  ["declared-packages", "a package of a package", { "plan/a.ts": ["undeclared"] }],
  ["no-development-packages", "a package of tests", { "plan/a.ts": ["fast-check"] }],
  ["resolvable", "a missing file", { "plan/a.ts": ["./missing"] }],
  ["no-test-imports", "a test", { "__tests__/other.test.ts": [] }],
  ["no-unused-files", "a file without a program", { "plan/unused.ts": [] }],
  ["no-unused-files", "a file for tests alone", { "plan/unused.ts": [], "__tests__/a.ts": ["../plan/unused"] }],
  ["no-unused-test-support", "a helper without a test", { "__tests__/support/unused.ts": [] }],
];

const PACKAGES = ["zod", "cdktf", "@cdktf/provider-aws"];
const DEVELOPMENT_PACKAGES = ["esbuild", "fast-check"];

function write(folder: string, path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function writeTree(folder: string, tree: Tree): void {
  const versions = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, "1.0.0"]));
  const manifest = { dependencies: versions(PACKAGES), devDependencies: versions(DEVELOPMENT_PACKAGES) };
  write(folder, "package.json", JSON.stringify({ name: "tree", ...manifest }));
  for (const name of [...PACKAGES, ...DEVELOPMENT_PACKAGES, "undeclared"]) {
    write(
      folder,
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: "1.0.0", main: "lib/index.js" }),
    );
    write(folder, `node_modules/${name}/lib/index.js`, "");
  }
  write(folder, "node_modules/@cdktf/provider-aws/lib/s3-bucket/index.js", "");

  const used = Object.keys(tree).filter((path) => !path.includes("unused"));
  const byPath = (path: string) => `./${path.replace(/\.ts$/, "")}`;
  const roots: Tree = {
    "main.ts": used.filter((path) => !path.startsWith("__tests__/")).map(byPath),
    "__tests__/all.test.ts": used.filter((path) => path.startsWith("__tests__/")).map((path) => `.${byPath(path)}`),
  };
  for (const [path, imports] of Object.entries({ ...tree, ...roots }))
    write(folder, path, imports.map(statement).join(""));
}

function statement(imported: string, index: number): string {
  const [module = "", manner] = imported.split(" ").reverse();
  if (manner === "type") return `import type { T${index} } from "${module}";\nexport type U${index} = T${index};\n`;
  if (manner === "lazy") return `export const load${index} = () => import("${module}");\n`;
  return `import * as m${index} from "${module}";\nexport { m${index} };\n`;
}

describe("the rules of the rooms", () => {
  const trees = mkdtempSync(join(tmpdir(), "oidc-s3-rooms-"));
  const faults = new Map<string, string[]>();

  beforeAll(() => {
    writeTree(join(trees, "clean"), CLEAN);
    for (const [index, [, , breach]] of BREACHES.entries()) writeTree(join(trees, `${index}`), { ...CLEAN, ...breach });
    const folders = ["clean", ...BREACHES.keys()].map((name) => join(trees, `${name}`));
    const script = join(PROJECT, "scripts/check-imports.ts");
    const { stderr, status } = spawnSync(process.execPath, ["--import", "tsx", script, ...folders], {
      cwd: PROJECT,
      encoding: "utf8",
    });
    for (const line of stderr.split("\n").filter(Boolean)) {
      const [folder = "", rule = ""] = line.split(": ");
      const name = folder.slice(trees.length + 1);
      faults.set(name, [...(faults.get(name) ?? []), rule]);
    }
    expect({ status, unexpected: stderr.split("\n").filter((line) => line && !line.startsWith(trees)) }).toEqual({
      status: 1,
      unexpected: [],
    });
  }, 120_000);

  afterAll(() => rmSync(trees, { recursive: true, force: true }));

  it("are kept by a tree that keeps them", () => {
    expect(faults.get("clean")).toBeUndefined();
  });

  it.each(BREACHES.map(([rule, how], index) => [rule, how, index] as const))("%s is broken by %s", (rule, _, index) => {
    expect(new Set(faults.get(`${index}`))).toEqual(new Set([rule]));
  });

  it("are each broken on purpose above", () => {
    const rules = `import rules from ${JSON.stringify(join(PROJECT, ".dependency-cruiser.mjs"))};
      console.log(JSON.stringify(rules.forbidden.map(({ name }) => name)))`;
    const names = execFileSync(process.execPath, ["--input-type=module", "--eval", rules], { encoding: "utf8" });
    const broken = new Set(BREACHES.map(([rule]) => rule));
    expect([...broken].sort()).toEqual([...JSON.parse(names), "no-circular-folders"].sort());
  });
});
