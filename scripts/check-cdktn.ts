import { spawnSync } from "node:child_process";
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cdktfCli } from "../layers/cdktf-cli";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { nodeBinary } from "./node-binary";

// Shows what docs/moving-to-cdk-terrain.md says: with CDK Terrain and its command line tool under cdktf's names, and
// nothing else changed, the same Terraform JSON is made, and the stacks on its command line are recognised.

const FORK = "npm:cdktn@0.24.0";
const FORKS_CLI = "npm:cdktn-cli@0.24.0";
/** The fork's command line tool wants 22.19 or later. */
const FORKS_NODE = 22;
const PROJECT = join(__dirname, "..");
/** Installing takes the longest: the command line tool weighs 170 MB. */
const LIMIT_MS = 5 * 60_000;
/** Within node_modules, so that the copy finds every package that it does not replace, and links stay on one disk. */
const CACHE = join(PROJECT, "node_modules", ".cache");
/** What npm says where the registry is out of reach. */
const UNREACHABLE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/;

/** Copies the project into the folder, and installs the fork there under cdktf's name. */
function copyWithFork(folder: string): void {
  for (const name of readdirSync(PROJECT)) {
    if (/^(\..*|node_modules|cdktf\.out|dist|coverage)$/.test(name)) continue;
    cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  const { scripts } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
  const dependencies = { cdktf: FORK, "cdktf-cli": FORKS_CLI };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, scripts, dependencies }));
  rmSync(join(folder, "package-lock.json"), { force: true });
  run(
    "npm",
    ["install", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"],
    folder,
  );
  // A package finds cdktf from where it lies: those that import it must lie beside the fork.
  const scope = join("node_modules", "@cdktf");
  for (const name of readdirSync(join(PROJECT, scope)).filter((name) => name.startsWith("provider-")))
    linkTree(join(PROJECT, scope, name), join(folder, scope, name));
}

function linkTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.isFile()) linkSync(source, target);
  }
}

interface Synthesis {
  readonly version: string;
  /** The Terraform JSON of each stack, without cdktf's metadata. */
  readonly stacks: ReadonlyMap<string, string>;
}

/** Synthesises every environment of the project in that folder, with its own `npm run synth`. */
function synthesise(folder: string, output: string, node: string): Synthesis {
  synth(folder, output, node);
  let version = "";
  const stacks = new Map<string, string>();
  for (const name of readdirSync(join(output, "stacks"))) {
    const terraform = JSON.parse(readFileSync(join(output, "stacks", name, "cdk.tf.json"), "utf8"));
    version = terraform["//"].metadata.version;
    delete terraform["//"].metadata;
    stacks.set(name, JSON.stringify(terraform, undefined, 2));
  }
  return { version, stacks };
}

/** @throws {Error} where the command line tool refuses. */
function synth(folder: string, output: string, node: string, ...stacks: readonly string[]): void {
  const PATH = `${dirname(node)}${delimiter}${process.env.PATH}`;
  const quiet = { CI: "true", CHECKPOINT_DISABLE: "1", DISABLE_VERSION_CHECK: "1" };
  run("npm", ["run", "synth", "--", "--output", output, ...stacks], folder, { ...quiet, PATH });
}

/** A fault in one environment must stop who asks for all, and not who names another's stacks. */
function checkCommandLine(copy: string, output: string, node: string, stack: string): void {
  const faulty = join(copy, "environments", "faulty");
  mkdirSync(faulty);
  for (const file of ["backend.hcl", "servers-backend.hcl", "foundation.tfvars", "servers.tfvars"])
    writeFileSync(join(faulty, file), "no_such_key = true\n");
  let message = "";
  try {
    synth(copy, output, node);
  } catch (error) {
    message = String(error);
  }
  if (!message.includes("no_such_key")) throw new Error(`a fault in an environment was not reported: ${message}`);
  synth(copy, output, node, stack);
}

/** Runs a program to its end. Which environments there are is never this shell's to say. */
function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  const { OIDC_S3_ENVIRONMENTS: _, OIDC_S3_ENVIRONMENTS_DIR: __, ...inherited } = process.env;
  const { status, error, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}:\n${stdout}\n${stderr}`);
}

function main(): void {
  const node = nodeBinary(FORKS_NODE);
  if (node === undefined) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "cdktn-"));
  try {
    const copy = join(folder, "copy");
    copyWithFork(copy);
    const ours = synthesise(PROJECT, join(folder, "cdktf"), process.execPath);
    const forks = synthesise(copy, join(folder, "cdktn"), node);
    const { command } = cdktfCli(copy);
    if (command !== "cdktn") throw new Error(`the copy's command line tool is ${command}`);
    const names = [...new Set([...ours.stacks.keys(), ...forks.stacks.keys()])].sort();
    const different = names.filter((name) => ours.stacks.get(name) !== forks.stacks.get(name));
    if (ours.version === forks.version) throw new Error(`both were made by cdktf ${ours.version}, none by the fork`);
    if (names.length === 0) throw new Error("environments/ has no environment");
    if (different.length > 0) throw new Error(`not the same with cdktn ${forks.version}: ${different.join(", ")}`);
    checkCommandLine(copy, join(folder, "faulty"), node, names[0] ?? "");
    console.log(
      `cdktf ${ours.version} and cdktn ${forks.version} made the same Terraform JSON of ${names.length} stacks, ` +
        `and \`${command}\` with a stack's name passes over a fault of another environment.`,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (process.env.CI === "true" || !UNREACHABLE.test(message)) throw error;
    console.error(`WARNING: the fork was not tried, because npm's registry is out of reach:\n${message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

allowClosedPipe();
main();
