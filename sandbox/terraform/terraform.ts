import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { promisify } from "node:util";
import {
  cliConfiguration,
  findMirror,
  type MirrorSearch,
  mirrorConfiguration,
  namesMirror,
  ownProviderCache,
} from "./provider-mirror";

const run = promisify(execFile);
const OLDEST_MINOR = 5;

/** Where providers come from: the user's own CLI configuration, or a mirror that was found or made. */
export type ProviderSource = { readonly kind: "configured" } | { readonly kind: "mirror"; readonly folder: string };

/** The Terraform or OpenTofu program's name, as cdktf takes it. */
export function terraformCommand(env: NodeJS.ProcessEnv): string {
  return env.TERRAFORM_BINARY_NAME || "terraform";
}

/** OpenTofu resolves `hashicorp/aws` in its own registry. */
export function registryHost(env: NodeJS.ProcessEnv): string {
  return basename(terraformCommand(env)).includes("tofu") ? "registry.opentofu.org" : "registry.terraform.io";
}

/** A program's path as a shell would find it, or undefined. */
export async function findProgram(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folders = name.includes("/") ? [""] : (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const folder of folders) {
    const file = isAbsolute(name) ? name : resolve(folder, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  return undefined;
}

/** The program's version, like "1.11.4"; undefined where it does not say. */
export async function terraformVersion(program: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ["version", "-json"], { env: { ...env, CHECKPOINT_DISABLE: "1" } });
    const version: unknown = JSON.parse(stdout).terraform_version;
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the stacks accept this version: `>= 1.5.0`. */
export function isRecentTerraform(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 1 || (major === 1 && minor >= OLDEST_MINOR);
}

/** Where to get the AWS provider without a registry; undefined where only a registry has it. */
export function localProviderSource(search: MirrorSearch): ProviderSource | undefined {
  const configuration = cliConfiguration(search.env, search.home);
  if (configuration !== undefined && namesMirror(configuration)) return { kind: "configured" };
  const folder = findMirror(search);
  return folder === undefined ? undefined : { kind: "mirror", folder };
}

/**
 * Fetches the AWS provider from its registry into a cache of our own, which then serves as a mirror: it is fetched
 * once, and parallel runs cannot corrupt it, because it appears complete or not at all.
 * @throws {Error} with Terraform's output where the registry does not deliver it.
 */
export async function fetchProvider(program: string, env: NodeJS.ProcessEnv): Promise<ProviderSource> {
  const cache = ownProviderCache(env);
  await mkdir(dirname(cache), { recursive: true, mode: 0o700 });
  const folder = await mkdtemp(join(dirname(cache), "fetching-"));
  try {
    const wanted = { terraform: { required_providers: { aws: { source: "hashicorp/aws", version: "~> 5.100" } } } };
    await writeFile(join(folder, "main.tf.json"), JSON.stringify(wanted));
    await run(program, ["init", "-input=false", "-no-color"], {
      cwd: folder,
      env: { ...env, CHECKPOINT_DISABLE: "1", TF_PLUGIN_CACHE_DIR: "", TF_IN_AUTOMATION: "1" },
      timeout: 15 * 60_000,
    });
    await rename(join(folder, ".terraform", "providers"), cache).catch((error: NodeJS.ErrnoException) => {
      // A parallel run was faster, and its copy is as good.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return { kind: "mirror", folder: cache };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The environment variables that make Terraform and cdktf use the source, for the processes that get them and no
 * others. The CLI configuration is written into `folder`.
 */
export async function providerEnvironment(
  source: ProviderSource,
  host: string,
  folder: string,
): Promise<Record<string, string>> {
  if (source.kind === "configured") return { CDKTF_SKIP_PROVIDER_LOCK: "true" };
  const file = join(folder, "terraform.rc");
  await writeFile(file, mirrorConfiguration(source.folder, host), { mode: 0o600 });
  return {
    TF_CLI_CONFIG_FILE: file,
    // The step that locks other platforms' checksums asks a registry, mirror or not.
    CDKTF_SKIP_PROVIDER_LOCK: "true",
    // A plugin cache would copy the mirror's 600 MB, where Terraform else only links to them.
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "true",
  };
}
