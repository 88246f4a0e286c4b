import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layersPresent } from "../config/layer";
import { LAYERS, type Layer, stackName } from "../layers";
import { cdktfCli } from "../layers/cdktf-cli";
import { allowClosedPipe } from "../terminal/closed-pipe";

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
  const { command, file } = cdktfCli();
  const { status, error, stdout, stderr } = spawnSync(process.execPath, [file, "synth", "--output", output], {
    cwd: PROJECT,
    env: { PATH: programs, HOME: folder, CI: "true", CHECKPOINT_DISABLE: "1", DISABLE_VERSION_CHECK: "1" },
    encoding: "utf8",
    timeout: 120_000,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} synth ended with status ${status}:\n${stdout}\n${stderr}`);
  return output;
}

interface ExpectedStack {
  readonly name: string;
  readonly layer: Layer;
}

/** The stacks that the files in the environments' folders ask for. */
export function expectedStacks(directory: string, layers: readonly Layer[] = LAYERS): ExpectedStack[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .flatMap(({ name }) =>
      layersPresent(readdirSync(join(directory, name)), layers).map((layer) => ({
        name: stackName(layer.name, name),
        layer,
      })),
    );
}

/** What is wrong with one stack's Terraform, if anything. */
export function stackFault({ name: stack, layer }: ExpectedStack, terraformJson: () => string): string | undefined {
  try {
    const { terraform, provider, resource } = JSON.parse(terraformJson());
    if (!terraform?.backend?.s3?.bucket) return `${stack}: no S3 backend`;
    if (!provider?.aws) return `${stack}: no AWS provider`;
    if (!layer.mayBeEmpty && Object.keys(resource ?? {}).length === 0) return `${stack}: no resource`;
    return undefined;
  } catch (error) {
    return `${stack}: ${error instanceof Error ? error.message : error}`;
  }
}

function main(): void {
  const stacks = expectedStacks(join(PROJECT, "environments"));
  const expected = stacks.map(({ name }) => name).sort();
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-synth-"));
  try {
    const output = synthesise(folder);
    const made = readdirSync(join(output, "stacks")).sort();
    const file = (stack: string) => readFileSync(join(output, "stacks", stack, "cdk.tf.json"), "utf8");
    const faults = stacks.flatMap((stack) => stackFault(stack, () => file(stack.name)) ?? []);
    if (made.join() !== expected.join())
      faults.push(`stacks: expected ${expected.join(", ")}; made ${made.join(", ")}`);
    if (expected.length === 0) faults.push("environments/ has no environment");
    if (faults.length > 0) throw new Error(faults.join("\n"));
    console.log(
      `${cdktfCli().command} synth made ${made.length} stacks with neither Terraform, emulator nor credentials.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) {
  allowClosedPipe();
  main();
}
