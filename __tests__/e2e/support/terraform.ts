import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProviderVariables, RunningProviders } from "../../../sandbox/terraform/running-providers";

const run = promisify(execFile);

/** Runs the program; the promise is rejected with all that it said where its status is not one of these. */
export type Terraform = (
  folder: string,
  args: readonly string[],
  statuses?: readonly number[],
) => Promise<{ status: number; stdout: string }>;

/** @param providers that all commands but `init`, which would then install none, use instead of starting one each */
export function terraformWith(env: NodeJS.ProcessEnv, providers?: RunningProviders): Terraform {
  return (folder, args, statuses) => {
    const start = (variables: ProviderVariables) => runTerraform({ ...env, ...variables }, folder, args, statuses);
    return providers === undefined || args[0] === "init" ? start({}) : providers.use(folder, start);
  };
}

async function runTerraform(
  env: NodeJS.ProcessEnv,
  folder: string,
  args: readonly string[],
  statuses: readonly number[] = [0],
) {
  const outcome = await run(env.TERRAFORM_BINARY_NAME || "terraform", args, {
    cwd: folder,
    env: { ...env, TF_IN_AUTOMATION: "1", TF_INPUT: "0", TF_CLI_ARGS: "-no-color" },
    maxBuffer: 256 * 1024 * 1024,
  }).then(
    ({ stdout, stderr }) => ({ status: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({ ...error, status: error.code }),
  );
  if (statuses.includes(outcome.status)) return outcome;
  throw new Error(`terraform ${args[0]} ended with status ${outcome.status}:\n${outcome.stdout}\n${outcome.stderr}`);
}

/**
 * What Terraform does, by address: "update", "move", "create", …; what it leaves alone is not there. A command that
 * reads the provider's schemas takes three seconds of a processor: the actions come from what `plan` and `apply` say
 * themselves, without a `show` after them, and a plan that is applied in any case is not made twice.
 */
export type Actions = Readonly<Record<string, string>>;

const OPTIONS = ["-json", "-parallelism=4"];

/** Plans in a folder that is initialised. */
export async function plan(terraform: Terraform, folder: string, variables: readonly string[] = []): Promise<Actions> {
  return plannedActions((await terraform(folder, ["plan", ...OPTIONS, ...variables])).stdout);
}

/** Plans, and applies the plan. */
export async function apply(terraform: Terraform, folder: string, variables: readonly string[] = []): Promise<Actions> {
  return plannedActions((await terraform(folder, ["apply", "-auto-approve", ...OPTIONS, ...variables])).stdout);
}

/** What the detailed exit code of a plan says. */
export async function hasChanges(terraform: Terraform, folder: string, variables: readonly string[] = []) {
  return (await terraform(folder, ["plan", "-detailed-exitcode", "-parallelism=4", ...variables], [0, 2])).status === 2;
}

export async function outputs(terraform: Terraform, folder: string): Promise<Record<string, unknown>> {
  const { stdout } = await terraform(folder, ["output", "-json"]);
  const all = Object.entries(JSON.parse(stdout) as Record<string, { value: unknown }>);
  return Object.fromEntries(all.map(([name, { value }]) => [name, value]));
}

interface Message {
  readonly type: string;
  readonly change?: {
    readonly action: string;
    readonly resource: { readonly addr: string };
    readonly previous_resource?: unknown;
  };
}

/** https://developer.hashicorp.com/terraform/internals/machine-readable-ui#planned-change */
function plannedActions(output: string): Actions {
  const messages = output.split("\n").filter(Boolean);
  const changes = messages.flatMap((line) => {
    const { type, change } = JSON.parse(line) as Message;
    return type === "planned_change" && change !== undefined ? [change] : [];
  });
  return sorted(
    changes
      .filter(({ resource }) => !resource.addr.startsWith("data."))
      .map(({ resource, previous_resource, action }) => [
        resource.addr,
        previous_resource !== undefined,
        // The word of a plan's JSON, which has "no-op" with a previous address for "move".
        [action === "remove" ? "forget" : action],
      ]),
  );
}

function sorted(changes: readonly [address: string, moved: boolean, steps: readonly string[]][]): Actions {
  const entries = changes.flatMap(([address, moved, steps]) => {
    const own = steps.filter((step) => step !== "no-op" && step !== "move");
    const all = [...(moved ? ["move"] : []), ...own];
    return all.length > 0 ? [[address, all.join(" ")] as const] : [];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
