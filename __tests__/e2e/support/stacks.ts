import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stackName } from "../../../layers";
import { synthesise } from "../../../plan/programs";
import { type Cloud, type CloudOptions, startCloud } from "../../../sandbox/cloud/cloud";
import { deployList } from "../../../sandbox/cloud/deployed-layers";
import { PROJECT_FOLDER } from "../../../sandbox/terraform/cdktf";
import { type Actions, apply, hasChanges, outputs, plan, type Terraform, terraformWith } from "./terraform";

/**
 * The folders of an environment's stacks, with plain Terraform at work in what the app synthesises: for all that is not
 * about the `cdktf` command, whose own time it spares.
 */
export class Stacks {
  readonly terraform: Terraform;

  constructor(
    private readonly cloud: Cloud,
    private readonly environment = cloud.config.name,
  ) {
    this.terraform = terraformWith(cloud.env);
  }

  folderOf(layer: string): string {
    return join(this.cloud.cdktf.output, "stacks", stackName(layer, this.environment));
  }

  /** Synthesises the environment as its files are now, where `cdktf` does. */
  async synthesise(): Promise<void> {
    await synthesise(PROJECT_FOLDER, this.environment, { ...this.cloud.env, CDKTF_OUTDIR: this.cloud.cdktf.output });
  }

  /** Of the environment's files as they are now. */
  async plan(layer: string): Promise<Actions> {
    await this.synthesise();
    return plan(this.terraform, await this.initialised(layer));
  }

  /** Of the environment's files as they are now. */
  async apply(layer: string): Promise<Actions> {
    await this.synthesise();
    return apply(this.terraform, await this.initialised(layer));
  }

  /** Deploys layers of the cloud's own environment, as `cloud.deploy` does with `cdktf deploy`. */
  async deploy(...layers: readonly string[]): Promise<void> {
    await this.synthesise();
    for (const layer of layers) {
      const folder = await this.initialised(layer);
      await apply(this.terraform, folder);
      const file = join(this.cloud.folder, `outputs-${layer}.json`);
      const stack = stackName(layer, this.environment);
      await writeFile(file, JSON.stringify({ [stack]: await this.outputs(layer) }), { mode: 0o600 });
      await this.cloud.attach(layer, file);
    }
  }

  hasChanges(layer: string): Promise<boolean> {
    return hasChanges(this.terraform, this.folderOf(layer));
  }

  outputs(layer: string): Promise<Record<string, unknown>> {
    return outputs(this.terraform, this.folderOf(layer));
  }

  private async initialised(layer: string): Promise<string> {
    const folder = this.folderOf(layer);
    if (!existsSync(join(folder, ".terraform"))) await this.terraform(folder, ["init"]);
    return folder;
  }
}

/** Starts a cloud and deploys every layer to it with plain Terraform. */
export async function startDeployedCloud(options: Omit<CloudOptions, "deploy">): Promise<Cloud> {
  const cloud = await startCloud({ ...options, deploy: [] });
  try {
    await new Stacks(cloud).deploy(...deployList(cloud.config));
    return cloud;
  } catch (error) {
    await cloud.stop();
    throw error;
  }
}
