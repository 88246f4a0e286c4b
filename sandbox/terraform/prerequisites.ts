import type { MirrorSearch } from "./provider-mirror";
import {
  fetchProvider,
  findProgram,
  isRecentTerraform,
  localProviderSource,
  type ProviderSource,
  registryHost,
  terraformCommand,
  terraformVersion,
} from "./terraform";

export interface Tools {
  readonly terraform: string;
  readonly emulator: string;
  readonly providerSource: ProviderSource;
}

/** The machine lacks something: one sentence for each thing, saying how to get it. */
export class MissingPrerequisitesError extends Error {
  override readonly name = "MissingPrerequisitesError";
  constructor(readonly missing: readonly string[]) {
    super(missing.join("\n"));
  }
}

export interface PrerequisiteOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly projectFolder: string;
  /** Called with what is being waited for. */
  readonly progress?: (line: string) => void;
  /** Overrides of the mirror search; tests search a folder tree of their own. */
  readonly search?: Partial<MirrorSearch>;
}

/**
 * Looks for everything that the cloud on one machine needs, before anything starts.
 * @throws {MissingPrerequisitesError} naming all that is missing at once.
 */
export async function checkPrerequisites(options: PrerequisiteOptions): Promise<Tools> {
  const { env } = options;
  const missing: string[] = [];
  const terraform = await findTerraform(env, missing);
  const emulator = await findProgram("moto_server", env);
  if (emulator === undefined) {
    missing.push(
      `The AWS emulator (moto_server) is not on PATH: install it with "pipx install 'moto[server]'", or with pip in a virtual environment.`,
    );
  }
  const providerSource = await findProvider(options, terraform, missing);
  if (terraform === undefined || emulator === undefined || providerSource === undefined) {
    throw new MissingPrerequisitesError(missing);
  }
  return { terraform, emulator, providerSource };
}

async function findTerraform(env: NodeJS.ProcessEnv, missing: string[]): Promise<string | undefined> {
  const command = terraformCommand(env);
  const program = await findProgram(command, env);
  if (program === undefined) {
    missing.push(
      `Terraform (${command}) is not on PATH: install 1.5 or newer from https://developer.hashicorp.com/terraform/install, or name another program, like OpenTofu's tofu, in TERRAFORM_BINARY_NAME.`,
    );
    return undefined;
  }
  const version = await terraformVersion(program, env);
  if (version !== undefined && isRecentTerraform(version)) return program;
  missing.push(
    version === undefined
      ? `${program} does not answer "version -json" as Terraform does: install Terraform 1.5 or newer from https://developer.hashicorp.com/terraform/install.`
      : `${program} is version ${version}, and the stacks need 1.5 or newer: update it from https://developer.hashicorp.com/terraform/install.`,
  );
  return undefined;
}

async function findProvider(
  { env, projectFolder, progress, search }: PrerequisiteOptions,
  terraform: string | undefined,
  missing: string[],
): Promise<ProviderSource | undefined> {
  const host = registryHost(env);
  const local = localProviderSource({ env, projectFolder, registryHost: host, ...search });
  if (local !== undefined) return local;
  let obstacle = "no Terraform to fetch it with";
  if (terraform !== undefined) {
    progress?.(`fetching Terraform's AWS provider from ${host}, once (about 150 MB)`);
    try {
      return await fetchProvider(terraform, env);
    } catch (error) {
      obstacle = obstacleOf(error);
    }
  }
  missing.push(
    `Terraform's AWS provider (hashicorp/aws ~> 5.100) is in no mirror folder and did not come from ${host} (${obstacle}): connect this machine to the registry, or run "terraform providers mirror ~/.terraform.d/plugins" for it on one that is and copy the folder here.`,
  );
  return undefined;
}

/** The sentence of Terraform's output that says what went wrong, without its frame. */
function obstacleOf(error: unknown): string {
  const output = String((error as { stderr?: unknown }).stderr || error);
  const text = output.replace(/[╷│╵]/g, "").replace(/\s+/g, " ").trim();
  const start = text.indexOf("Error: ");
  return (start < 0 ? text : text.slice(start + "Error: ".length)).slice(0, 300);
}
