import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROJECT = join(__dirname, "..");

/**
 * `cdktf synth` as on a machine that has Node.js and nothing else: no Terraform, no emulator, no AWS credentials or
 * configuration, and no home folder with anything in it.
 */
function synthesise(folder: string): string {
  const programs = join(folder, "bin");
  mkdirSync(programs);
  symlinkSync(process.execPath, join(programs, "node"));
  const output = join(folder, "cdktf.out");
  const cli = join(dirname(require.resolve("cdktf-cli/package.json")), "bundle", "bin", "cdktf");
  const { status, error, stdout, stderr } = spawnSync(process.execPath, [cli, "synth", "--output", output], {
    cwd: PROJECT,
    env: { PATH: programs, HOME: folder, CI: "true", CHECKPOINT_DISABLE: "1", DISABLE_VERSION_CHECK: "1" },
    encoding: "utf8",
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`cdktf synth ended with status ${status}:\n${stdout}\n${stderr}`);
  return output;
}

/** What is wrong with one stack's Terraform, if anything. An environment without servers is valid: so is its layer. */
export function stackFault(stack: string, terraformJson: () => string): string | undefined {
  try {
    const { terraform, provider, resource } = JSON.parse(terraformJson());
    if (!terraform?.backend?.s3?.bucket) return `${stack}: no S3 backend`;
    if (!provider?.aws) return `${stack}: no AWS provider`;
    if (stack.startsWith("foundation-") && Object.keys(resource ?? {}).length === 0) return `${stack}: no resource`;
    return undefined;
  } catch (error) {
    return `${stack}: ${error instanceof Error ? error.message : error}`;
  }
}

function main(): void {
  const environments = readdirSync(join(PROJECT, "environments"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
  const expected = environments.flatMap((name) => [`foundation-${name}`, `servers-${name}`]).sort();
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-synth-"));
  try {
    const output = synthesise(folder);
    const made = readdirSync(join(output, "stacks")).sort();
    const file = (stack: string) => readFileSync(join(output, "stacks", stack, "cdk.tf.json"), "utf8");
    const faults = expected.flatMap((stack) => stackFault(stack, () => file(stack)) ?? []);
    if (made.join() !== expected.join())
      faults.push(`stacks: expected ${expected.join(", ")}; made ${made.join(", ")}`);
    if (expected.length === 0) faults.push("environments/ has no environment");
    if (faults.length > 0) throw new Error(faults.join("\n"));
    console.log(`cdktf synth made ${made.length} stacks with neither Terraform, emulator nor credentials.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) main();
