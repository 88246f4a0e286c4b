import { appendFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { requireEnvironment, withUploader } from "../../config";
import type { UploaderEnvironment } from "../../config/schema/types";
import { LAYERS } from "../../layers";
import { startAwsEndpoint } from "../aws/aws-endpoint";
import { type Emulator, startEmulator } from "../aws/emulator";
import { rolePolicyReader } from "../aws/role-policies";
import { SigningKeys } from "../cognito/signing-key";
import { type Identity, mountIdentity } from "../identity/mounted-identity";
import { administratorConfig, type ClientConfig, childEnvironment, forgetOtherAws } from "../process/administrator";
import { CleanupStack, createWorkFolder } from "../process/cleanup";
import { type Cdktf, createCdktf, PROJECT_FOLDER } from "../terraform/cdktf";
import type { DeploymentOptions } from "../terraform/deployment";
import type { ApiOutputs, FoundationOutputs, ServersOutputs } from "../terraform/layer-outputs";
import { checkPrerequisites } from "../terraform/prerequisites";
import { RunningProviders } from "../terraform/running-providers";
import { createStateBackends } from "../terraform/state-backend";
import { providerEnvironment, registryHost } from "../terraform/terraform";
import type { ApiServices } from "./api-services";
import { DeployedLayers, deployGroups } from "./deployed-layers";
import type { Services } from "./services";
import type { UsersServices } from "./users-services";

export interface CloudOptions {
  /** The folder that holds the environments' folders; the project's own by default. */
  readonly environments?: string;
  /** The environment's name; "local" by default. */
  readonly environment?: string;
  /** The layers to deploy at once; all of them by default. */
  readonly deploy?: readonly string[];
  /** Called with each line of progress. */
  readonly progress?: (line: string) => void;
  /** Aborts the start, and ends everything that it started. */
  readonly signal?: AbortSignal;
}

/** AWS on one machine, with the layers deployed to it by Terraform. */
export interface Cloud {
  /** This run's own folder, readable by this user only and removed at the end. */
  readonly folder: string;
  readonly environmentsFolder: string;
  readonly config: UploaderEnvironment;
  readonly emulator: Emulator;
  /** What `AWS_ENDPOINT_URL` is set to: the emulator with session policies enforced. */
  readonly awsEndpoint: string;
  /** The environment of a Terraform, cdktf or AWS CLI process that works here as the administrator. */
  readonly env: NodeJS.ProcessEnv;
  /** For an AWS SDK client that works here as the administrator. */
  readonly clientConfig: ClientConfig;
  readonly cdktf: Cdktf;
  /** For Terraform's own commands too. Each takes half a gigabyte until it is stopped. */
  readonly providers: RunningProviders;
  /** Token endpoint and vending API. @throws {Error} before the foundation is deployed. */
  readonly services: Services;
  readonly foundation: FoundationOutputs;
  readonly servers: ServersOutputs;
  /** The `api` layer. @throws {Error} before it is deployed. */
  readonly api: ApiOutputs;
  /** The sign-in of people, and what Cognito would have sent them. */
  readonly identity: Identity;
  /** The `api` layer's token endpoint and REST API. @throws {Error} before it is deployed. */
  readonly apiServices: ApiServices;
  /** The `users` layer's sign-in pages, and the settings of people's clients. @throws {Error} before it is deployed. */
  readonly usersServices: UsersServices;
  /** Runs `cdktf deploy` for one layer. @throws {Error} with the end of Terraform's output. */
  deploy(layer: string, options?: DeploymentOptions): Promise<void>;
  /** Runs it for groups of layers beside each other. @returns for each group when it is deployed. */
  deployGroups(groups: readonly (readonly string[])[], signal?: AbortSignal): Promise<void>[];
  /** Takes over a layer that was deployed by other means, with its outputs in the file that `cdktf deploy` would write. */
  attach(layer: string, outputsFile: string): Promise<void>;
  /** The settings of a server's client (docs/interfaces.md), the secret included. */
  settingsOf(server: string): Readonly<Record<string, string>>;
  /** Adds what `stop` does before all else. */
  beforeStop(step: () => unknown): void;
  /** Ends every process and removes the folder. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the emulator and deploys to it. This process forgets every other AWS (`forgetOtherAws`).
 * @throws {MissingPrerequisitesError} before anything has started.
 * @throws {Error} where the environment is invalid or Terraform fails; then nothing is left behind.
 */
export async function startCloud(options: CloudOptions = {}): Promise<Cloud> {
  const cleanup = new CleanupStack();
  const { signal } = options;
  const onAbort = () => void cleanup.run();
  signal?.addEventListener("abort", onAbort);
  try {
    const cloud = await start(options, cleanup);
    const isWanted = (layer: string) => options.deploy?.includes(layer) ?? true;
    const groups = deployGroups(cloud.config).map((group) => group.filter(isWanted));
    await Promise.all(
      cloud.deployGroups(
        groups.filter((group) => group.length > 0),
        signal,
      ),
    );
    signal?.throwIfAborted();
    return cloud;
  } catch (error) {
    await cleanup.run();
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

async function start(options: CloudOptions, cleanup: CleanupStack): Promise<Cloud> {
  const { progress = () => {}, environment: environmentName = "local", signal } = options;
  const environmentsFolder = resolve(options.environments ?? join(PROJECT_FOLDER, "environments"));
  forgetOtherAws();
  const tools = await checkPrerequisites({ env: process.env, projectFolder: PROJECT_FOLDER, progress });
  const config = withUploader(await requireEnvironment(environmentsFolder, environmentName, LAYERS));
  const region = config.foundation.awsRegion;
  signal?.throwIfAborted();

  const folder = await createWorkFolder();
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const report = (error: unknown) => appendFileSync(join(folder, "sandbox.log"), `${describe(error)}\n`);
  const emulator = await startEmulator({ folder, command: tools.emulator });
  cleanup.add(() => emulator.stop());
  signal?.throwIfAborted();
  const readRolePolicies = rolePolicyReader(new IAMClient(administratorConfig(emulator.url, region)));
  const aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region, report });
  cleanup.add(() => aws.close());
  const keys = new SigningKeys();
  const identity = mountIdentity({ aws, emulatorUrl: emulator.url, region, readRolePolicies, keys, folder });
  progress(`the emulator answers at ${aws.url}`);

  const clientConfig = administratorConfig(aws.url, region);
  await createStateBackends(config, { s3: new S3Client(clientConfig), dynamodb: new DynamoDBClient(clientConfig) });
  const providerVariables = await providerEnvironment(tools.providerSource, registryHost(process.env), folder);
  const env = childEnvironment(process.env, {
    awsEndpoint: aws.url,
    region,
    environmentName,
    environmentsFolder,
    folder,
    providerVariables,
  });
  const { providerSource } = tools;
  const providers = new RunningProviders(env, providerSource.kind === "mirror" ? providerSource.folder : undefined);
  cleanup.add(() => providers.stop());
  const cdktf = createCdktf(folder, env, providers);
  cleanup.add(() => cdktf.stop());
  // A group that is deployed beside the first has a folder of its own: two commands in one would trip over each other.
  const beside = new Map<string, Cdktf>();
  for (const group of deployGroups(config).slice(1)) {
    const own = createCdktf(await makeFolder(join(folder, `cdktf-${group[0]}`)), env, providers);
    cleanup.add(() => own.stop());
    for (const layer of group) beside.set(layer, own);
  }
  const cdktfOf = (layer: string) => beside.get(layer) ?? cdktf;
  const layers = new DeployedLayers({
    cdktfOf,
    config,
    folder,
    awsEndpoint: aws.url,
    acceptedSecrets: (clientId, first) => aws.clientSecrets.accepted(clientId, first),
    identity,
    progress,
    report,
  });
  cleanup.add(() => layers.stop());

  return {
    folder,
    environmentsFolder,
    config,
    emulator,
    awsEndpoint: aws.url,
    env,
    clientConfig,
    cdktf,
    providers,
    identity,
    get services() {
      return layers.services;
    },
    get foundation() {
      return layers.outputsOf("foundation");
    },
    get servers() {
      return layers.outputsOf("servers");
    },
    get api() {
      return layers.outputsOf("api");
    },
    get apiServices() {
      return layers.apiServices;
    },
    get usersServices() {
      return layers.usersServices;
    },
    deploy: (layer, options) => layers.deploy(layer, options),
    deployGroups: (groups, signal) => layers.deployGroups(groups, signal),
    attach: (layer, outputsFile) => layers.attach(layer, outputsFile),
    settingsOf: (server) => settings(layers, aws.url, server),
    beforeStop: (step) => cleanup.add(step),
    stop: () => cleanup.run(),
  };
}

function settings(layers: DeployedLayers, awsEndpoint: string, server: string): Record<string, string> {
  const { services } = layers;
  const servers = layers.outputsOf("servers");
  const configuration = servers.server_configurations[server];
  const secret = servers.server_secrets[server];
  if (configuration === undefined || secret === undefined) {
    throw new Error(`there is no server ${server}, only ${Object.keys(servers.server_configurations).join(", ")}`);
  }
  return {
    IDP_TYPE: "cognito",
    COGNITO_DOMAIN: configuration.cognito_domain,
    COGNITO_CLIENT_ID: configuration.cognito_client_id,
    COGNITO_CLIENT_SECRET: secret,
    COGNITO_RESOURCE_SERVER: configuration.resource_server_identifier,
    COGNITO_TOKEN_ENDPOINT: services.tokenEndpoint,
    COGNITO_CREDENTIAL_API_URL: services.apiUrl,
    AWS_REGION: configuration.aws_region,
    AWS_ENDPOINT_URL: awsEndpoint,
    S3_BUCKET: configuration.s3_bucket,
    S3_PATH_PREFIX: configuration.s3_path_prefix,
  };
}

async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { mode: 0o700 });
  return path;
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
