import { join } from "node:path";
import { vendingName } from "../../access/names";
import type { EnvironmentConfig } from "../../config/schema/types";
import { LAYERS, type Layer, layersOf, stackName } from "../../layers";
import type { Cdktf } from "../terraform/cdktf";
import { deployStack } from "../terraform/deployment";
import { type FoundationOutputs, type LayerOutputs, readOutputs } from "../terraform/layer-outputs";
import { type Services, startServices } from "./services";

export interface DeployedLayersOptions {
  readonly cdktf: Cdktf;
  readonly config: EnvironmentConfig;
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly progress: (line: string) => void;
  readonly report: (error: unknown) => void;
}

/** The layers of an environment, each after those whose state it reads. */
export function deployList(config: EnvironmentConfig, layers: readonly Layer[] = LAYERS): string[] {
  return layersOf(config, layers).map(({ name }) => name);
}

/** The layers as last deployed, and the services that run on the foundation. */
export class DeployedLayers {
  private readonly outputs = new Map<string, unknown>();
  private runningServices: Services | undefined;

  constructor(private readonly options: DeployedLayersOptions) {}

  /** @throws {Error} before the layer is deployed. */
  outputsOf<L extends string>(layer: L): LayerOutputs<L> {
    return this.deployed(this.outputs.get(layer), layer) as LayerOutputs<L>;
  }

  /** @throws {Error} before the foundation is deployed. */
  get services(): Services {
    return this.deployed(this.runningServices, "foundation");
  }

  /** @throws {Error} with the end of Terraform's output. */
  async deploy(layer: string): Promise<void> {
    const { cdktf, folder, config, progress } = this.options;
    const stack = stackName(layer, config.name);
    const file = join(folder, `outputs-${layer}.json`);
    await deployStack(cdktf, stack, file, progress);
    await this.attach(layer, file);
  }

  /** Takes over a layer that was deployed by other means, with its outputs in the file that `cdktf deploy` would write. */
  async attach(layer: string, outputsFile: string): Promise<void> {
    const before = this.outputs.get("foundation") as FoundationOutputs | undefined;
    this.outputs.set(layer, await readOutputs(outputsFile, stackName(layer, this.options.config.name), layer));
    if (layer === "foundation") await this.serve(this.outputsOf("foundation"), before);
  }

  async stop(): Promise<void> {
    await this.runningServices?.stop();
  }

  /** Tokens of one pool are worth nothing in another: a new pool gets a token endpoint of its own. */
  private async serve(foundation: FoundationOutputs, before: FoundationOutputs | undefined): Promise<void> {
    if (this.runningServices !== undefined && before?.cognito_user_pool_id === foundation.cognito_user_pool_id) {
      await this.runningServices.renew();
      return;
    }
    await this.stop();
    const { config, folder, awsEndpoint, report } = this.options;
    this.runningServices = await startServices({
      folder,
      awsEndpoint,
      region: config.foundation.awsRegion,
      accountId: foundation.aws_account_id,
      userPoolId: foundation.cognito_user_pool_id,
      issuer: foundation.cognito_issuer_url,
      functionName: vendingName(config.foundation),
      apiUrl: foundation.credential_vending_api_url,
      report,
    });
  }

  private deployed<T>(value: T, layer: string): NonNullable<T> {
    if (value !== undefined && value !== null) return value;
    throw new Error(`${stackName(layer, this.options.config.name)} is not deployed yet: call deploy("${layer}")`);
  }
}
