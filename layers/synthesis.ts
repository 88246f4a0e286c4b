import { chmodSync } from "node:fs";
import { join } from "node:path";
import { App, type TerraformStack } from "cdktf";
import { formatFaults, type LoadedEnvironment, loadEnvironments } from "../config";
import { useProviderLock } from "../stacks/provider-lock";
import { type Layer, layersOf, type MakeStack, stackName } from ".";
import { isDeployed, selectEnvironments, waitsFor } from "./selection";

export interface SynthesisOptions {
  /** Where the environments' folders are. */
  readonly directory: string;
  readonly layers: readonly Layer[];
  /** `OIDC_S3_ENVIRONMENTS`: the environments to synthesise; all by default. */
  readonly variable: string | undefined;
  /** The arguments of the cdktf CLI that started this. */
  readonly commandLine: readonly string[];
  /** The folder to synthesise into; cdktf's own choice by default. */
  readonly outdir?: string;
  /** The version of the Terraform that will deploy; without it, nothing is refused that older ones accept. */
  readonly terraformVersion?: () => string | undefined;
  /** Called with what keeps an environment that is not asked for from being synthesised, with what is hardly meant, and with what a deployment needs. */
  readonly warn: (message: string) => void;
}

type FaultyEnvironment = Extract<LoadedEnvironment, { faults: unknown }>;

/**
 * Environments to stacks, and stacks to Terraform JSON.
 * @throws {Error} with every fault of the environments that are asked for
 */
export async function synthesise(options: SynthesisOptions): Promise<void> {
  const { directory, layers, variable, commandLine, outdir, warn } = options;
  const [environments, required] = await Promise.all([
    loadEnvironments(directory, layers, options.terraformVersion),
    loadStacks(layers.filter(({ optional }) => !optional)),
  ]);
  const names = environments.map(({ name }) => name);
  const selection = selectEnvironments(names, variable, commandLine, directory, layers);
  const selected = environments.filter(({ name }) => selection.synthesised.includes(name));
  const faulty = selected.filter((environment): environment is FaultyEnvironment => "faults" in environment);
  if (faulty.some(({ name }) => selection.required.includes(name))) {
    throw new Error(formatFaults(faulty.flatMap(({ faults }) => faults)));
  }
  const configs = selected.flatMap((environment) => ("config" in environment ? environment.config : []));
  const present = layers
    .filter(({ optional }) => optional)
    .filter((layer) => configs.some((config) => layersOf(config, layers).includes(layer)));
  const makers = new Map([...required, ...(await loadStacks(present))]);

  const app = new App(outdir === undefined ? {} : { outdir });
  for (const config of configs) {
    const stacks = new Map<string, TerraformStack>();
    for (const layer of layersOf(config, layers)) {
      const stack = await makers.get(layer)?.(app, stackName(layer.name, config.name), config);
      if (stack === undefined) continue;
      stacks.set(layer.name, stack);
      for (const name of waitsFor(layer, config.name, commandLine)) {
        const other = stacks.get(name);
        if (other !== undefined) stack.addDependency(other);
      }
    }
  }
  for (const { name, faults } of faulty) {
    warn(`The environment ${name} is left out, because of what is wrong with it:\n${formatFaults(faults)}`);
  }
  for (const environment of selected) {
    const { name } = environment;
    if ("faults" in environment || environment.warnings === undefined || !selection.required.includes(name)) continue;
    warn(`Of the environment ${name}, a warning for each:\n${formatFaults(environment.warnings)}`);
  }
  for (const config of configs) {
    const deployed = layersOf(config, layers).filter((layer) => isDeployed(layer, config.name, commandLine));
    for (const note of deployed.flatMap((layer) => layer.beforeDeployment?.(config) ?? [])) warn(note);
  }
  app.synth();
  for (const config of configs) {
    for (const layer of layersOf(config, layers)) {
      const folder = join(app.outdir, "stacks", stackName(layer.name, config.name));
      // Plan files come to lie here, readable for everyone, with client secrets in clear.
      chmodSync(folder, 0o700);
      useProviderLock(folder, directory, config.name);
    }
  }
}

function loadStacks(layers: readonly Layer[]): Promise<[Layer, MakeStack][]> {
  return Promise.all(layers.map(async (layer): Promise<[Layer, MakeStack]> => [layer, await layer.stack()]));
}
