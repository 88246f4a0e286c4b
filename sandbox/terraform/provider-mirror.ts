import { type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** What the stacks ask for: `hashicorp/aws`, `~> 5.100`. */
const PROVIDER = "hashicorp/aws";
const MAJOR = 5;
const MIN_MINOR = 100;

export interface MirrorSearch {
  readonly env: NodeJS.ProcessEnv;
  /** The project's folder, where Terraform would look for `terraform.d/plugins`. */
  readonly projectFolder: string;
  /** `registry.terraform.io`, or OpenTofu's. */
  readonly registryHost: string;
  readonly home?: string;
  /** Prefixed to every absolute folder of the system: tests search a tree of their own. */
  readonly root?: string;
  readonly platform?: NodeJS.Platform;
  readonly architecture?: string;
}

/**
 * Whether a Terraform CLI configuration says by itself where providers come from: then it is left alone. Development
 * overrides do not count.
 */
export function namesMirror(cliConfiguration: string): boolean {
  const code = cliConfiguration.replace(/\/\*[\s\S]*?\*\/|(?:#|\/\/).*$/gm, "");
  return /\bprovider_installation\b/.test(code) && /\b(?:filesystem_mirror|network_mirror)\b/.test(code);
}

/** The text of the CLI configuration that Terraform would read, or undefined where there is no such file. */
export function cliConfiguration(env: NodeJS.ProcessEnv, home = homedir()): string | undefined {
  const named = env.TF_CLI_CONFIG_FILE ?? env.TERRAFORM_CONFIG;
  const files = named === undefined ? [join(home, ".terraformrc"), join(home, ".tofurc")] : [named];
  const file = files.find((candidate) => existsSync(candidate));
  return file === undefined ? undefined : readFileSync(file, "utf8");
}

/** The first folder that holds the AWS provider for this machine in a layout that Terraform can install from. */
export function findMirror(search: MirrorSearch): string | undefined {
  return mirrorFolders(search).find((folder) => holdsProvider(folder, search));
}

/** The folders to search, the nearest first: Terraform's implied mirrors, our own cache, add-on software. */
function mirrorFolders(search: MirrorSearch): string[] {
  const { env, projectFolder, home = homedir(), platform = process.platform } = search;
  const system = (folder: string) => (search.root === undefined ? folder : join(search.root, folder));
  // https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
  const dataHome = env.XDG_DATA_HOME || join(home, ".local/share");
  const dataFolders = env.XDG_DATA_DIRS ? env.XDG_DATA_DIRS.split(delimiter) : ["/usr/local/share", "/usr/share"];
  const implied = [
    join(projectFolder, "terraform.d/plugins"),
    join(home, ".terraform.d/plugins"),
    join(dataHome, "terraform/plugins"),
    ...dataFolders.map((folder) => system(join(folder, "terraform/plugins"))),
    ...(platform === "darwin"
      ? [
          join(home, "Library/Application Support/io.terraform/plugins"),
          system("/Library/Application Support/io.terraform/plugins"),
        ]
      : []),
  ];
  // Where the Filesystem Hierarchy Standard puts add-on software.
  const addOns = ["/opt", "/usr/local/lib", "/usr/local/share"].flatMap((parent) => {
    const folder = system(parent);
    return [folder, ...foldersIn(folder).flatMap((child) => [child, join(child, "plugins"), join(child, "providers")])];
  });
  return [...new Set([...implied, ownProviderCache(env, home), ...addOns].map((folder) => resolve(folder)))];
}

/** Where a provider fetched from the registry is kept, so that it is fetched once. */
export function ownProviderCache(env: NodeJS.ProcessEnv, home = homedir()): string {
  return join(env.XDG_CACHE_HOME || join(home, ".cache"), "oidc-s3", "terraform-providers");
}

/** A CLI configuration that installs what the mirror holds from there, and everything else from its registry. */
export function mirrorConfiguration(mirror: string, registryHost: string): string {
  const registry = join(mirror, registryHost);
  const held = namesIn(registry).flatMap((owner) =>
    namesIn(join(registry, owner)).map((type) => `${registryHost}/${owner}/${type}`),
  );
  const list = JSON.stringify(held);
  return [
    "disable_checkpoint = true",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path    = ${JSON.stringify(mirror)}`,
    `    include = ${list}`,
    "  }",
    "  direct {",
    `    exclude = ${list}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function holdsProvider(mirror: string, search: MirrorSearch): boolean {
  const folder = join(mirror, search.registryHost, PROVIDER);
  const system = `${goPlatform(search.platform)}_${goArchitecture(search.architecture)}`;
  const packed = new RegExp(`^terraform-provider-aws_(.+)_${system}\\.zip$`);
  return namesIn(folder).some((name) => {
    const version = packed.exec(name)?.[1];
    if (version !== undefined) return fits(version);
    return fits(name) && namesIn(join(folder, name, system)).some((file) => file.startsWith("terraform-provider-aws"));
  });
}

/** The programs of the AWS provider that lie unpacked in a mirror, or where `terraform init` installs: one a version. */
export function heldProviders(mirror: string, registryHost: string): string[] {
  const folder = join(mirror, registryHost, PROVIDER);
  return namesIn(folder)
    .filter(fits)
    .flatMap((version) => {
      const system = join(folder, version, `${goPlatform()}_${goArchitecture()}`);
      return namesIn(system)
        .filter((file) => file.startsWith("terraform-provider-aws"))
        .map((file) => join(system, file));
    });
}

function fits(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.\d+$/.exec(version);
  return match !== null && Number(match[1]) === MAJOR && Number(match[2]) >= MIN_MINOR;
}

function goPlatform(platform: NodeJS.Platform = process.platform): string {
  return platform === "win32" ? "windows" : platform;
}

function goArchitecture(architecture: string = process.arch): string {
  return architecture === "x64" ? "amd64" : architecture === "ia32" ? "386" : architecture;
}

/** A folder that is missing or unreadable counts as empty. */
function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  return entries(folder).map(({ name }) => name);
}

function foldersIn(folder: string): string[] {
  return entries(folder)
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => join(folder, name));
}
