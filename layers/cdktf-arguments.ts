import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CDKTF_COMMANDS } from "./cdktf-cli";

const CLI = new RegExp(`^(?:${CDKTF_COMMANDS.join("|")})(?:\\.js|\\.cmd)?$`);

/**
 * The arguments of the cdktf CLI that started this process, without its options; empty where it was neither cdktf nor cdktn. The
 * CLI does not tell the app which stacks it is for, so the processes above this one are asked.
 */
export function cdktfArguments(processId: number = process.ppid): string[] {
  const mostAncestors = 8;
  let id = processId;
  for (let step = 0; step < mostAncestors && id > 1; step++) {
    const ancestor = describeProcess(id);
    if (ancestor === undefined) return [];
    const program = ancestor.arguments.findIndex((argument) => CLI.test(basename(argument)));
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

/** The version of the Terraform that cdktf calls, like `1.11.4`; undefined where there is none to ask. */
export function terraformVersion(): string | undefined {
  try {
    const program = process.env.TERRAFORM_BINARY_NAME || "terraform";
    const answer = execFileSync(program, ["version", "-json"], {
      encoding: "utf8",
      timeout: 10_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const { terraform_version: version } = JSON.parse(answer);
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}
