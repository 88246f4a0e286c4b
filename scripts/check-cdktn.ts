import { spawnSync } from "node:child_process";
import { cpSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { allowClosedPipe } from "../terminal/closed-pipe";

// Shows what docs/adr/0003-cdktf-and-its-fork.md says: CDK Terrain in the place of cdktf makes the same Terraform JSON.

const FORK = "npm:cdktn@0.24.0";
const PROJECT = join(__dirname, "..");
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
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: { cdktf: FORK } }));
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

/** Synthesises every environment of the project in that folder. */
function synthesise(folder: string, output: string): Synthesis {
  run(process.execPath, ["--import", "tsx", "main.ts"], folder, { CDKTF_OUTDIR: output });
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

/** Runs a program to its end. Which environments there are is never this shell's to say. */
function run(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): void {
  const { OIDC_S3_ENVIRONMENTS: _, OIDC_S3_ENVIRONMENTS_DIR: __, ...inherited } = process.env;
  const { status, error, stderr } = spawnSync(program, args, {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}:\n${stderr}`);
}

function main(): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "cdktn-"));
  try {
    const copy = join(folder, "copy");
    copyWithFork(copy);
    const ours = synthesise(PROJECT, join(folder, "cdktf"));
    const forks = synthesise(copy, join(folder, "cdktn"));
    const names = [...new Set([...ours.stacks.keys(), ...forks.stacks.keys()])].sort();
    const different = names.filter((name) => ours.stacks.get(name) !== forks.stacks.get(name));
    if (ours.version === forks.version) throw new Error(`both were made by cdktf ${ours.version}, none by the fork`);
    if (names.length === 0) throw new Error("environments/ has no environment");
    if (different.length > 0) throw new Error(`not the same with cdktn ${forks.version}: ${different.join(", ")}`);
    console.log(
      `cdktf ${ours.version} and cdktn ${forks.version} made the same Terraform JSON of ${names.length} stacks.`,
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
