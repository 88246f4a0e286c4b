import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { type Actions, apply, hasChanges, outputs, plan, type Terraform } from "./terraform";

export const ORIGINAL_MODULES = join(__dirname, "../../fixtures/terraform-cognito");

/** The layers that the modules have. */
export type Layer = "foundation" | "servers";

/** A team's checkout of the original Terraform modules, which deploys to wherever `terraform` leads. */
export class OriginalModules {
  private constructor(
    private readonly terraform: Terraform,
    private readonly folder: string,
    private readonly environmentFolder: string,
  ) {}

  static async checkOut(terraform: Terraform, folder: string, environmentFolder: string): Promise<OriginalModules> {
    await cp(ORIGINAL_MODULES, folder, { recursive: true });
    const code = await readFile(join(folder, "foundation", "lambda", "index.py"));
    await writeFile(join(folder, "lambda.zip"), zipSync({ "index.py": [code, { mtime: new Date(1980, 0, 1) }] }));
    const modules = new OriginalModules(terraform, folder, environmentFolder);
    await modules.initialise("foundation");
    await modules.initialise("servers");
    return modules;
  }

  folderOf(layer: Layer): string {
    return join(this.folder, layer);
  }

  apply(layer: Layer): Promise<Actions> {
    return apply(this.terraform, this.folderOf(layer), this.variables(layer));
  }

  plan(layer: Layer): Promise<Actions> {
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
