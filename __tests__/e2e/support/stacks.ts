import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stackName } from "../../../layers";
import { type Cloud, type CloudOptions, startCloud } from "../../../sandbox/cloud/cloud";
import { deployList } from "../../../sandbox/cloud/deployed-layers";
import { synthesise } from "./synthesis";
import { type Actions, apply, hasChanges, outputs, plan, type Terraform, terraformWith } from "./terraform";

/**
 * The folders of an environment's stacks, with plain Terraform at work in what the app synthesises: for all that is not
 * about the `cdktf` command, whose own time it spares, with the starts of cdktf and of the provider.
 */
export class Stacks {
  readonly terraform: Terraform;

  constructor(
    private readonly cloud: Cloud,
    private readonly environment = cloud.config.name,
  ) {
    this.terraform = terraformWith(cloud.env, cloud.providers);
  }

  folderOf(layer: string): string {
    return join(this.cloud.cdktf.output, "stacks", stackName(layer, this.environment));
  }

  /** For a command that starts Terraform itself, in a layer's folder. */
  withProvider<T>(layer: string, action: (env: NodeJS.ProcessEnv) => Promise<T>): Promise<T> {
    const { providers, env } = this.cloud;
    return providers.use(this.folderOf(layer), (variables) => action({ ...env, ...variables }));
  }

  /** Synthesises the environment as its files are now, where `cdktf` does. */
  async synthesise(): Promise<void> {
    const { environmentsFolder: directory, cdktf } = this.cloud;
    await synthesise({ directory, environment: this.environment, outdir: cdktf.output });
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

  /** Deploys layers of the cloud's own environment, as `cloud.deploy` does with `cdktf deploy`; gives what each did. */
  async deploy(...layers: readonly string[]): Promise<Readonly<Record<string, Actions>>> {
    await this.synthesise();
    const actions: Record<string, Actions> = {};
    for (const layer of layers) {
      const folder = await this.initialised(layer);
      actions[layer] = await apply(this.terraform, folder);
      const file = join(this.cloud.folder, `outputs-${layer}.json`);
      const stack = stackName(layer, this.environment);
      await writeFile(file, JSON.stringify({ [stack]: await this.outputs(layer) }), { mode: 0o600 });
      await this.cloud.attach(layer, file);
    }
    return actions;
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
