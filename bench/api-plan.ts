import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTeamEnvironment } from "../__tests__/e2e/support/original-modules";
import { Stacks } from "../__tests__/e2e/support/stacks";
import { type Terraform, terraformWith } from "../__tests__/e2e/support/terraform";
import { type Cloud, startCloud } from "../sandbox/cloud/cloud";
import { apiModule, apiText } from "./api-environment";
import { median, printTable } from "./figures";

const ROUTES = 30;
const CLIENTS = 60;
const RUNS = 5;
const ENVIRONMENT = "bench";
/** `terraform plan -detailed-exitcode`. */
const NO_CHANGES = 0;

/**
 * Prints how long Terraform plans the api layer when there is nothing to change, ours against the same in HCL by hand,
 * both deployed to one emulator. The runs alternate, so that what else the machine does meets both.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "oidc-s3-bench-api-plan-"));
  let cloud: Cloud | undefined;
  try {
    const environments = join(folder, "environments");
    await writeEnvironment(join(environments, ENVIRONMENT));
    cloud = await startCloud({ environments, environment: ENVIRONMENT, deploy: [] });
    const terraform = terraformWith(cloud.env);
    const stacks = new Stacks(cloud);
    await stacks.apply("api");
    const byHand = join(folder, "by-hand");
    await mkdir(byHand);
    await writeFile(join(byHand, "main.tf"), apiModule(ENVIRONMENT, ROUTES, CLIENTS));
    await terraform(byHand, ["init"]);
    await terraform(byHand, ["apply", "-auto-approve", "-parallelism=4"]);
    const rows = [
      await compare("with refresh", terraform, [], stacks.folderOf("api"), byHand),
      await compare("-refresh=false", terraform, ["-refresh=false"], stacks.folderOf("api"), byHand),
    ];
    printTable(
      `terraform plan with nothing to change, ${ROUTES} routes and ${CLIENTS} clients, medians of ${RUNS} runs`,
      [["plan", "stack", "HCL by hand", "ratio"], ...rows],
    );
  } finally {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeEnvironment(folder: string): Promise<void> {
  await writeTeamEnvironment(folder, { name: ENVIRONMENT, servers: "servers = {}\n" });
  await writeFile(join(folder, "api.tfvars"), apiText(ENVIRONMENT, ROUTES, CLIENTS));
  const backend = 'bucket = "team-tfstate"\nkey = "bench/api.tfstate"\nregion = "eu-west-1"\nuse_path_style = true\n';
  await writeFile(join(folder, "api-backend.hcl"), backend);
}

async function compare(
  what: string,
  terraform: Terraform,
  options: readonly string[],
  ...folders: readonly [string, string]
): Promise<string[]> {
  const times = folders.map((): number[] => []);
  for (let round = 0; round < RUNS; round++) {
    for (const [index, folder] of folders.entries()) {
      const start = performance.now();
      await terraform(folder, ["plan", "-detailed-exitcode", "-parallelism=4", ...options], [NO_CHANGES]);
      times[index]?.push((performance.now() - start) / 1000);
    }
  }
  const [ours = Number.NaN, theirs = Number.NaN] = times.map(median);
  return [what, `${ours.toFixed(1)} s`, `${theirs.toFixed(1)} s`, (ours / theirs).toFixed(2)];
}
