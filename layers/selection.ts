import type { LayerConfiguration } from "../config/layer";
import { stackName } from ".";

export interface Selection {
  /** Environments to synthesise. */
  readonly synthesised: readonly string[];
  /** Of these, the ones in which a fault is an error; in the others it is a warning. */
  readonly required: readonly string[];
}

/**
 * Which environments are asked for: by `OIDC_S3_ENVIRONMENTS` (names with commas between), else by the stacks named
 * on cdktf's command line, else all. The command line only decides about faults and leaves nothing out: the cdktf CLI
 * deletes the folders of stacks that a synthesis does not make, under the feet of a deployment that runs beside it.
 * @param directory where the environments are, for the error's text
 * @throws {Error} where the variable names an environment that does not exist.
 */
export function selectEnvironments(
  names: readonly string[],
  variable: string | undefined,
  commandLine: readonly string[],
  directory: string,
  layers: readonly Pick<LayerConfiguration, "name">[],
): Selection {
  const wanted = (variable ?? "").split(",").flatMap((name) => name.trim() || []);
  if (wanted.length > 0) {
    const unknown = wanted.filter((name) => !names.includes(name));
    if (unknown.length > 0) {
      throw new Error(
        `OIDC_S3_ENVIRONMENTS names ${unknown.join(", ")}, but ${directory} has only ${names.join(", ") || "nothing"}: ` +
          "correct the variable, or add the folder",
      );
    }
    const selected = names.filter((name) => wanted.includes(name));
    return { synthesised: selected, required: selected };
  }
  const patterns = commandLine.map(globPattern);
  const named = names.filter((name) =>
    layers.some((layer) => patterns.some((pattern) => pattern.test(stackName(layer.name, name)))),
  );
  return { synthesised: names, required: named.length > 0 ? named : names };
}

/**
 * The layers whose stacks a layer's must wait for, in one command of the CLI, which else runs all stacks at once. A stack
 * that reads another's state is deployed after it and destroyed before it. The CLI refuses a command that leaves out
 * what a stack waits for: deploying the servers alone is everyday, so that only what is named counts; destroying a layer
 * from under those that read it must be refused, and so counts always.
 */
export function waitsFor(
  layer: Pick<LayerConfiguration, "name" | "reads">,
  environment: string,
  commandLine: readonly string[],
): string[] {
  const named = (name: string) => isNamed(name, environment, commandLine);
  const destroys = commandLine.includes("destroy");
  return layer.reads.map((read) => read.layer).filter((read) => named(read) && (destroys || named(layer.name)));
}

/** Whether the command of the CLI deploys the layer's stack, by its name. */
export function isDeployed(
  layer: Pick<LayerConfiguration, "name">,
  environment: string,
  commandLine: readonly string[],
): boolean {
  return commandLine.includes("deploy") && isNamed(layer.name, environment, commandLine);
}

function isNamed(layer: string, environment: string, commandLine: readonly string[]): boolean {
  return commandLine.some((argument) => globPattern(argument).test(stackName(layer, environment)));
}

/** The cdktf CLI takes `*` and `?` in the names of stacks. */
function globPattern(argument: string): RegExp {
  const escaped = argument.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
