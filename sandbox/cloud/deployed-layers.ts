import { join } from "node:path";
import { vendingName } from "../../access/names";
import type { EnvironmentConfig } from "../../config/schema/types";
import type { Cdktf } from "../terraform/cdktf";
import { deployStack, type Layer } from "../terraform/deployment";
import { FoundationOutputs, readOutputs, ServersOutputs } from "../terraform/layer-outputs";
import { type Services, startServices } from "./services";

export interface DeployedLayersOptions {
  readonly cdktf: Cdktf;
  readonly config: EnvironmentConfig;
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly progress: (line: string) => void;
  readonly report: (error: unknown) => void;
}

/** The layers as they were deployed last, and the services that stand on the foundation. */
export class DeployedLayers {
  private foundationOutputs: FoundationOutputs | undefined;
  private serversOutputs: ServersOutputs | undefined;
  private runningServices: Services | undefined;

  constructor(private readonly options: DeployedLayersOptions) {}

  get foundation(): FoundationOutputs {
    return this.deployed(this.foundationOutputs, "foundation");
  }

  get servers(): ServersOutputs {
    return this.deployed(this.serversOutputs, "servers");
  }

  get services(): Services {
    return this.deployed(this.runningServices, "foundation");
  }

  /** @throws {Error} with the end of Terraform's output. */
  async deploy(layer: Layer): Promise<void> {
    const { cdktf, folder, config, progress } = this.options;
    const stack = `${layer}-${config.name}`;
    const file = join(folder, `outputs-${layer}.json`);
    await deployStack(cdktf, stack, file, progress);
    if (layer === "servers") this.serversOutputs = await readOutputs(file, stack, ServersOutputs);
    else await this.serve(await readOutputs(file, stack, FoundationOutputs));
  }

  async stop(): Promise<void> {
    await this.runningServices?.stop();
  }

  /** Tokens of one pool are worth nothing in another: a new pool gets a token endpoint of its own. */
  private async serve(foundation: FoundationOutputs): Promise<void> {
    const before = this.foundationOutputs;
    this.foundationOutputs = foundation;
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

  private deployed<T>(value: T | undefined, layer: Layer): T {
    if (value !== undefined) return value;
    throw new Error(`${layer}-${this.options.config.name} is not deployed yet: call deploy("${layer}")`);
  }
}
