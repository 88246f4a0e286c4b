import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LayerConfiguration } from "./layer";
import { loadEnvironment } from "./load-environment";
import {
  sharedDomainFaults,
  sharedPrefixFaults,
  sharedRoleFaults,
  sharedStateFaults,
} from "./rules/across-environments";
import type { TerraformVersion } from "./rules/backend";
import type { EnvironmentConfig, UploaderEnvironment } from "./schema/types";
import type { Fault } from "./source/fault";
import { formatFaults } from "./source/fault";

export { usersConfiguration } from "./rules/users";
export type * from "./schema/types";
export type { Fault } from "./source/fault";
export { formatFaults };

/** One folder of `environments/`: its configuration, or everything that is wrong with it. */
export type LoadedEnvironment =
  | {
      readonly name: string;
      readonly config: EnvironmentConfig;
      /** What is allowed and hardly meant, where there is any. */
      readonly warnings?: readonly Fault[];
    }
  | { readonly name: string; readonly faults: readonly Fault[] };

/**
 * Reads and checks every environment of a directory, sorted by name. A faulty one does not keep the others from being
 * used, and is never left out of the result.
 * @param layers every layer that an environment may have (`LAYERS`)
 * @param terraformVersion the Terraform that will read the backends, for what depends on it; unchecked by default
 * @throws {Error} where the directory cannot be read, or has no folder
 */
export async function loadEnvironments(
  directory: string,
  layers: readonly LayerConfiguration[],
  terraformVersion?: TerraformVersion,
): Promise<LoadedEnvironment[]> {
  const names = await environmentNames(directory);
  if (names.length === 0) {
    throw new Error(
      `${directory} has no folder: each environment is one, with the files of its layers (docs/configuration.md)`,
    );
  }
  const checked = await Promise.all(names.map((name) => loadEnvironment(directory, name, layers, terraformVersion)));
  const across = [
    sharedStateFaults(
      checked.flatMap(({ name, backends }) => backends.map((backend) => ({ environment: name, checked: backend }))),
    ),
    sharedRoleFaults(checked.flatMap(({ roles }) => roles)),
    sharedDomainFaults(checked.flatMap(({ domains }) => domains)),
    sharedPrefixFaults(checked.flatMap(({ prefixes }) => prefixes)),
  ];
  return checked.map(({ name, config, faults, warnings }) => {
    const all = [...faults, ...across.flatMap((shared) => shared.get(name) ?? [])];
    if (config === undefined || all.length > 0) return { name, faults: inOrder(all) };
    return { name, config, ...(warnings.length > 0 ? { warnings: inOrder(warnings) } : {}) };
  });
}

/**
 * Reads the environments of a directory and gives one of them.
 * @throws {Error} where the directory has no such environment, or the environment has faults
 */
export async function requireEnvironment(
  directory: string,
  name: string,
  layers: readonly LayerConfiguration[],
): Promise<EnvironmentConfig> {
  const loaded = await loadEnvironments(directory, layers);
  const found = loaded.find((environment) => environment.name === name);
  if (found === undefined) {
    throw new Error(`${directory} has no environment ${name}, only ${loaded.map((other) => other.name).join(", ")}`);
  }
  if ("faults" in found) throw new Error(formatFaults(found.faults));
  return found.config;
}

/**
 * An environment whose foundation and servers are needed.
 * @throws {Error} where it has nothing but optional layers
 */
export function withUploader(environment: EnvironmentConfig): UploaderEnvironment {
  const { name, foundation, servers, backends } = environment;
  const { foundation: first, servers: second } = backends;
  if (foundation === undefined || servers === undefined || first === undefined || second === undefined) {
    throw new Error(
      `the environment ${name} has nothing but optional layers: ` +
        "add the files of the layers foundation and servers (docs/configuration.md), or name another environment",
    );
  }
  return { ...environment, foundation, servers, backends: { ...backends, foundation: first, servers: second } };
}

/** The folders, links to folders included; one whose name begins with a dot is some tool's own. */
async function environmentNames(directory: string): Promise<string[]> {
  let entries: string[];
  try {
    entries = await readdir(directory);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the environments' directory ${directory} cannot be read: ${reason}`);
  }
  const visible = entries.filter((name) => !name.startsWith("."));
  const folders = await Promise.all(
    visible.map(async (name) => {
      const isFile = await stat(join(directory, name)).then(
        (entry) => !entry.isDirectory(),
        // A link that leads nowhere may have been an environment: it is kept, to be reported.
        () => false,
      );
      return isFile ? [] : [name];
    }),
  );
  return folders.flat().sort();
}

/** By file, then by line, as people read files. */
function inOrder(faults: readonly Fault[]): Fault[] {
  return [...faults].sort(
    (a, b) =>
      (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}
