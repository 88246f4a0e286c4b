import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The two layers of an environment, as the stacks' names start. */
export const LAYERS = ["foundation", "servers"] as const;
export type Layer = (typeof LAYERS)[number];

export function stackName(layer: Layer, environment: string): string {
  return `${layer}-${environment}`;
}

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
    LAYERS.some((layer) => patterns.some((pattern) => pattern.test(stackName(layer, name)))),
  );
  return { synthesised: names, required: named.length > 0 ? named : names };
}

/** The cdktf CLI takes `*` and `?` in the names of stacks. */
function globPattern(argument: string): RegExp {
  const escaped = argument.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

/**
 * The arguments of the cdktf CLI that started this process, without its options; empty where it was not cdktf. The
 * CLI does not tell the app which stacks it is for, so the processes above this one are asked.
 */
export function cdktfArguments(processId: number = process.ppid): string[] {
  const mostAncestors = 8;
  let id = processId;
  for (let step = 0; step < mostAncestors && id > 1; step++) {
    const ancestor = describeProcess(id);
    if (ancestor === undefined) return [];
    const program = ancestor.arguments.findIndex((argument) => /^cdktf(?:\.js|\.cmd)?$/.test(basename(argument)));
    // `sh -c "cdktf deploy …"` is one argument with spaces and is passed over: the CLI itself is nearer.
    if (program >= 0) return ancestor.arguments.slice(program + 1).filter((argument) => !argument.startsWith("-"));
    id = ancestor.parent;
  }
  return [];
}

function describeProcess(id: number): { parent: number; arguments: string[] } | undefined {
  try {
    // The second field is the program's name, in brackets; it may hold anything, so what follows is counted from its end.
    const afterName = readFileSync(`/proc/${id}/stat`, "utf8").split(") ").at(-1);
    const commandLine = readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0").filter(Boolean);
    return { parent: Number(afterName?.split(" ")[1]), arguments: commandLine };
  } catch {
    return describeByPs(id);
  }
}

function describeByPs(id: number): { parent: number; arguments: string[] } | undefined {
  try {
    const line = execFileSync("ps", ["-o", "ppid=,args=", "-p", String(id)], { encoding: "utf8", timeout: 2000 });
    const [parent, ...commandLine] = line.trim().split(/\s+/);
    return { parent: Number(parent), arguments: commandLine };
  } catch {
    return undefined;
  }
}
