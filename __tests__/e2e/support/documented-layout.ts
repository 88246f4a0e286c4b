import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { zipSync } from "fflate";
import { parseTerraformPlan, type TerraformPlan } from "../../../plan/terraform-plan";
import type { Layer } from "../../../sandbox/terraform/layer-outputs";

const run = promisify(execFile);
export const LAYOUT = join(__dirname, "../../fixtures/terraform-cognito");

/** Runs the program; the promise is rejected with all that it said where its status is not one of these. */
export type Terraform = (
  folder: string,
  args: readonly string[],
  statuses?: readonly number[],
) => Promise<{ status: number; stdout: string }>;

export function terraformWith(env: NodeJS.ProcessEnv): Terraform {
  return async (folder, args, statuses = [0]) => {
    const outcome = await run(env.TERRAFORM_BINARY_NAME || "terraform", args, {
      cwd: folder,
      env: { ...env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", TF_CLI_ARGS: "-no-color" },
      maxBuffer: 256 * 1024 * 1024,
    }).then(
      ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
    );
    if (!statuses.includes(outcome.status)) {
      throw new Error(
        `terraform ${args[0]} ended with status ${outcome.status}:\n${outcome.stdout}\n${outcome.stderr}`,
      );
    }
    return outcome;
  };
}

const PLAN_OPTIONS = ["-detailed-exitcode", "-parallelism=4"];

/** Plans in a folder that is initialised. `changes` is what the detailed exit code says; `text` the plan for people. */
export async function plan(terraform: Terraform, folder: string, variables: readonly string[] = []) {
  const file = join(folder, "test.plan");
  const { status, stdout } = await terraform(folder, ["plan", ...PLAN_OPTIONS, `-out=${file}`, ...variables], [0, 2]);
  const json = (await terraform(folder, ["show", "-json", file])).stdout;
  return { changes: status === 2, text: stdout, json, plan: parseTerraformPlan(json) };
}

/** Applies the plan that was made last, as somebody with plain Terraform would. */
export const applyPlan = (terraform: Terraform, folder: string) =>
  terraform(folder, ["apply", "-parallelism=4", join(folder, "test.plan")]);

/** What the detailed exit code of a plan says; without the plan's JSON it takes half the time. */
export async function hasChanges(terraform: Terraform, folder: string, variables: readonly string[] = []) {
  return (await terraform(folder, ["plan", ...PLAN_OPTIONS, ...variables], [0, 2])).status === 2;
}

/** What the plan does, by address: "update", "move", "create", …; what it leaves alone is not there. */
export function actions({ resourceChanges }: TerraformPlan): Record<string, string> {
  const entries = resourceChanges.flatMap(({ address, previousAddress, actions: [...steps], mode }) => {
    if (mode === "data") return [];
    const moved = previousAddress === undefined ? [] : ["move"];
    const all = [...moved, ...steps.filter((step) => step !== "no-op")];
    return all.length > 0 ? [[address, all.join(" ")] as const] : [];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A team's checkout of the documented layout, which deploys to wherever `terraform` leads. */
export class DocumentedLayout {
  private constructor(
    private readonly terraform: Terraform,
    private readonly folder: string,
    private readonly environmentFolder: string,
  ) {}

  static async checkOut(terraform: Terraform, folder: string, environmentFolder: string): Promise<DocumentedLayout> {
    await cp(LAYOUT, folder, { recursive: true });
    const code = await readFile(join(folder, "foundation", "lambda", "index.py"));
    await writeFile(join(folder, "lambda.zip"), zipSync({ "index.py": [code, { mtime: new Date(1980, 0, 1) }] }));
    const layout = new DocumentedLayout(terraform, folder, environmentFolder);
    await layout.initialise("foundation");
    await layout.initialise("servers");
    return layout;
  }

  folderOf(layer: Layer): string {
    return join(this.folder, layer);
  }

  async apply(layer: Layer): Promise<void> {
    const options = ["-auto-approve", "-parallelism=4", ...this.variables(layer)];
    await this.terraform(this.folderOf(layer), ["apply", ...options]);
  }

  plan(layer: Layer) {
    return plan(this.terraform, this.folderOf(layer), this.variables(layer));
  }

  hasChanges(layer: Layer) {
    return hasChanges(this.terraform, this.folderOf(layer), this.variables(layer));
  }

  async outputs(layer: Layer): Promise<Record<string, unknown>> {
    return outputs(this.terraform, this.folderOf(layer));
  }

  private async initialise(layer: Layer): Promise<void> {
    const backend = join(this.environmentFolder, layer === "foundation" ? "backend.hcl" : "servers-backend.hcl");
    await this.terraform(this.folderOf(layer), ["init", `-backend-config=${backend}`]);
  }

  private variables(layer: Layer): string[] {
    return [
      `-var-file=${join(this.environmentFolder, `${layer}.tfvars`)}`,
      ...(layer === "foundation" ? [`-var=lambda_zip_path=${join(this.folder, "lambda.zip")}`] : []),
    ];
  }
}

export async function outputs(terraform: Terraform, folder: string): Promise<Record<string, unknown>> {
  const { stdout } = await terraform(folder, ["output", "-json"]);
  const all = Object.entries(JSON.parse(stdout) as Record<string, { value: unknown }>);
  return Object.fromEntries(all.map(([name, { value }]) => [name, value]));
}

/** Adds lines to a file of the environment, as the team does for the move. */
export async function addLines(file: string, ...lines: string[]): Promise<void> {
  await writeFile(file, `${await readFile(file, "utf8")}\n${lines.join("\n")}\n`);
}

export interface TeamEnvironment {
  readonly name: string;
  readonly foundation?: readonly string[];
  readonly servers: string;
}

/** Writes the four files of a team's environment as they are before the move. */
export async function writeTeamEnvironment(
  folder: string,
  { name, foundation = [], servers }: TeamEnvironment,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const backend = (layer: string) =>
    `bucket = "team-tfstate"\nkey = "${name}/cognito-${layer}/terraform.tfstate"\nregion = "eu-west-1"\ndynamodb_table = "team-tflock"\nencrypt = true\n`;
  const head = `environment = "${name}"\naws_region = "eu-west-1"\n`;
  await Promise.all([
    writeFile(join(folder, "backend.hcl"), backend("foundation")),
    writeFile(join(folder, "servers-backend.hcl"), backend("servers")),
    writeFile(join(folder, "foundation.tfvars"), `${head}${foundation.join("\n")}\n`),
    writeFile(join(folder, "servers.tfvars"), `${head}tfstate_bucket = "team-tfstate"\n${servers}`),
  ]);
}
