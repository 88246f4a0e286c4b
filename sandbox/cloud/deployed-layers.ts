import { cp } from "node:fs/promises";
import { join } from "node:path";
import { vendingName } from "../../access/names";
import type { EnvironmentConfig, UploaderEnvironment } from "../../config/schema/types";
import type { UsersConfig } from "../../config/schema/users-types";
import { LAYERS, type Layer, layersOf, stackName } from "../../layers";
import type { AcceptedSecrets } from "../cognito/app-clients";
import type { Identity } from "../identity/mounted-identity";
import { administratorConfig } from "../process/administrator";
import type { Cdktf } from "../terraform/cdktf";
import { type DeploymentOptions, deployStack } from "../terraform/deployment";
import {
  type ApiOutputs,
  type FoundationOutputs,
  type LayerOutputs,
  readOutputs,
  type UsersOutputs,
} from "../terraform/layer-outputs";
import { type ApiServices, startApiServices } from "./api-services";
import { makePeopleTables } from "./people-stores";
import { type Services, startServices } from "./services";
import { startUsersServices, type UsersServices } from "./users-services";

export interface DeployedLayersOptions {
  /** The command that deploys a layer. */
  readonly cdktfOf: (layer: string) => Cdktf;
  readonly config: UploaderEnvironment;
  readonly folder: string;
  readonly awsEndpoint: string;
  readonly acceptedSecrets: AcceptedSecrets;
  readonly identity: Identity;
  readonly progress: (line: string) => void;
  readonly report: (error: unknown) => void;
}

/** The layers of an environment, each after those whose state it reads. */
export function deployList(config: EnvironmentConfig, layers: readonly Layer[] = LAYERS): string[] {
  return layersOf(config, layers).map(({ name }) => name);
}

/** Those layers in groups: one group can be deployed while another is, for no layer reads the state of another group's. */
export function deployGroups(config: EnvironmentConfig, layers: readonly Layer[] = LAYERS): string[][] {
  const groups: string[][] = [];
  for (const { name, reads } of layersOf(config, layers)) {
    const connected = groups.filter((group) => reads.some(({ layer }) => group.includes(layer)));
    for (const group of connected) groups.splice(groups.indexOf(group), 1);
    groups.push([...connected.flat(), name]);
  }
  return groups;
}

/** The layers as last deployed, and the services that run on them. */
export class DeployedLayers {
  private readonly outputs = new Map<string, unknown>();
  private runningServices: Services | undefined;
  private runningApi: ApiServices | undefined;
  private runningUsers: UsersServices | undefined;

  constructor(private readonly options: DeployedLayersOptions) {}

  /** @throws {Error} before the layer is deployed. */
  outputsOf<L extends string>(layer: L): LayerOutputs<L> {
    return this.deployed(this.outputs.get(layer), layer) as LayerOutputs<L>;
  }

  /** @throws {Error} before the foundation is deployed. */
  get services(): Services {
    return this.deployed(this.runningServices, "foundation");
  }

  /** @throws {Error} before the `api` layer is deployed. */
  get apiServices(): ApiServices {
    return this.deployed(this.runningApi, "api");
  }

  /** @throws {Error} before the `users` layer is deployed. */
  get usersServices(): UsersServices {
    return this.deployed(this.runningUsers, "users");
  }

  /** @throws {Error} with the end of Terraform's output. */
  async deploy(layer: string, options?: DeploymentOptions): Promise<void> {
    const { cdktfOf, folder, config, progress } = this.options;
    const stack = stackName(layer, config.name);
    const file = join(folder, `outputs-${layer}.json`);
    await deployStack(cdktfOf(layer), stack, file, progress, options);
    await this.attach(layer, file);
  }

  /**
   * Deploys groups of layers beside each other, and those of one group in their order. All are synthesised once, together:
   * a synthesis makes the stacks of all layers anyway, and several at once would keep each other waiting.
   * @returns for each group when it is deployed.
   */
  deployGroups(groups: readonly (readonly string[])[], signal: AbortSignal | undefined): Promise<void>[] {
    const synthesised = this.synthesise(new Set(groups.flat().map(this.options.cdktfOf)));
    return groups.map(async (group) => {
      await synthesised;
      for (const layer of group) {
        signal?.throwIfAborted();
        await this.deploy(layer, { isSynthesised: true });
      }
    });
  }

  private async synthesise([first, ...others]: Iterable<Cdktf>): Promise<void> {
    if (first === undefined) return;
    this.options.progress("synthesising the stacks of all layers");
    await first.synthesise();
    await Promise.all(others.map(({ output }) => cp(first.output, output, { recursive: true })));
  }

  /** Takes over a layer that was deployed by other means, with its outputs in the file that `cdktf deploy` would write. */
  async attach(layer: string, outputsFile: string): Promise<void> {
    const before = this.outputs.get(layer);
    this.outputs.set(layer, await readOutputs(outputsFile, stackName(layer, this.options.config.name), layer));
    if (layer === "foundation") await this.serve(this.outputsOf(layer), before as FoundationOutputs | undefined);
    if (layer === "users") await this.serveUsers(this.outputsOf(layer));
    if (layer === "api") await this.serveApi(this.outputsOf(layer), before as ApiOutputs | undefined);
  }

  async stop(): Promise<void> {
    await Promise.all([this.runningServices?.stop(), this.runningApi?.stop(), this.runningUsers?.stop()]);
  }

  /** Tokens of one pool are worth nothing in another: a new pool gets a token endpoint of its own. */
  private async serve(foundation: FoundationOutputs, before: FoundationOutputs | undefined): Promise<void> {
    if (this.runningServices !== undefined && before?.cognito_user_pool_id === foundation.cognito_user_pool_id) {
      await this.runningServices.renew();
      return;
    }
    await this.runningServices?.stop();
    const { config, folder, awsEndpoint, acceptedSecrets, report } = this.options;
    this.runningServices = await startServices({
      folder,
      awsEndpoint,
      region: config.foundation.awsRegion,
      accountId: foundation.aws_account_id,
      userPoolId: foundation.cognito_user_pool_id,
      acceptedSecrets,
      issuer: foundation.cognito_issuer_url,
      functionName: vendingName(config.foundation),
      apiUrl: foundation.credential_vending_api_url,
      report,
    });
  }

  private async serveApi(outputs: ApiOutputs, before: ApiOutputs | undefined): Promise<void> {
    const isSame = before?.user_pool_id === outputs.user_pool_id && before.api_endpoint === outputs.api_endpoint;
    if (this.runningApi !== undefined && isSame) {
      await this.runningApi.renew();
      return;
    }
    await this.runningApi?.stop();
    const { folder, awsEndpoint, report } = this.options;
    this.runningApi = await startApiServices({ folder, awsEndpoint, outputs, report });
  }

  /** Clients keep the address of the pages, so it stays for as long as the pool does. */
  private async serveUsers(outputs: UsersOutputs): Promise<void> {
    if (this.runningUsers?.settings.user_pool_id === outputs.user_configuration.user_pool_id) return;
    await this.runningUsers?.stop();
    const { folder, awsEndpoint, identity, config, report } = this.options;
    const users = config.optional.users as UsersConfig;
    await makePeopleTables(users, administratorConfig(awsEndpoint, users.awsRegion));
    this.runningUsers = await startUsersServices({ folder, awsEndpoint, identity, outputs, report });
  }

  private deployed<T>(value: T, layer: string): NonNullable<T> {
    if (value !== undefined && value !== null) return value;
    throw new Error(`${stackName(layer, this.options.config.name)} is not deployed yet: call deploy("${layer}")`);
  }
}
