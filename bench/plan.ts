import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OriginalModules, writeTeamEnvironment } from "../__tests__/e2e/support/original-modules";
import { type Terraform, terraformWith } from "../__tests__/e2e/support/terraform";
import { quietProviders } from "../layers/quiet-providers";
import { type Cloud, startCloud } from "../sandbox/cloud/cloud";
import { type ChildUsage, measureCommand } from "./child-usage";
import { median, printTable } from "./figures";

/** More would take the emulator, which is one process, too long to deploy. */
const SERVERS = 200;
const RUNS = 3;
const PARALLELISM = "-parallelism=4";
/** `terraform plan -detailed-exitcode`. */
const NO_CHANGES = 0;
const CHANGES = 2;

/**
 * Prints what Terraform needs to plan the servers layer, ours against the original Terraform modules, before their
 * deployment and after it, both in the same emulator. The runs alternate, so that what else the machine does meets
 * both. Progress goes to stderr.
 */
export async function run(): Promise<void> {
  const began = performance.now();
  const progress = (line: string) =>
    console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  const folder = await mkdtemp(join(tmpdir(), "oidc-s3-bench-plan-"));
  let cloud: Cloud | undefined;
  try {
    await writeEnvironments(join(folder, "environments"));
    cloud = await startCloud({
      environments: join(folder, "environments"),
      environment: "stacks",
      deploy: ["foundation"],
      progress,
    });
    const terraform = terraformWith(cloud.env);
    const stack = await initialiseStack(cloud, terraform);
    const layout = await initialiseLayout(terraform, folder);
    // The sandbox's Terraform is quiet; a user's is not, unless told to be.
    const { TF_LOG_SDK: _, TF_LOG_PROVIDER_AWS: __, ...env } = cloud.env;
    const bench: Bench = { env, progress, deployments: [stack, layout] };
    const refresh = { what: "nothing to change, with refresh", status: NO_CHANGES };
    const state = { what: "nothing to change, -refresh=false", status: NO_CHANGES, options: ["-refresh=false"] };
    const rows = [await compare(bench, { what: "all to add", status: CHANGES })];
    for (const { name, folder, variables } of bench.deployments) {
      progress(`${name}: deploying ${SERVERS} servers`);
      await terraform(folder, ["apply", "-auto-approve", PARALLELISM, ...variables]);
    }
    for (const plan of [refresh, state]) {
      rows.push(await compare(bench, plan));
      rows.push(await compare({ ...bench, env: quietProviders(env) }, { ...plan, what: `${plan.what}, quiet` }));
    }
    printTable(`terraform plan of ${SERVERS} servers, medians of ${RUNS} runs; quiet: without the provider's log`, [
      ["plan", "stacks: CPU", "module layout: CPU", "ratio", "stacks: wall", "module layout: wall"],
      ...rows,
    ]);
  } finally {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Deployment {
  readonly name: string;
  readonly folder: string;
  readonly variables: readonly string[];
}

/** The original modules have no level "read". */
const LEVELS_OF_BOTH = ["write", "read-write", "full"];

async function writeEnvironments(folder: string): Promise<void> {
  const entries = Array.from({ length: SERVERS }, (_, index) => {
    const level = LEVELS_OF_BOTH[index % LEVELS_OF_BOTH.length];
    return `  "server-${index}" = { s3_path_prefix = "servers/${index}/", s3_permissions = "${level}" }`;
  });
  const servers = `servers = {\n${entries.join("\n")}\n}\n`;
  const foundation = [
    "bucket_tls_only = false",
    'lambda_package = "asset"',
    "abort_incomplete_multipart_upload_days = 0",
  ];
  await writeTeamEnvironment(join(folder, "stacks"), { name: "stacks", foundation, servers });
  await writeTeamEnvironment(join(folder, "modules"), { name: "modules", servers });
}

async function initialiseStack(cloud: Cloud, terraform: Terraform): Promise<Deployment> {
  const folder = join(cloud.cdktf.output, "stacks", "servers-stacks");
  await terraform(folder, ["init"]);
  return { name: "stacks", folder, variables: [] };
}

async function initialiseLayout(terraform: Terraform, folder: string): Promise<Deployment> {
  const environment = join(folder, "environments", "modules");
  const layout = await OriginalModules.checkOut(terraform, join(folder, "layout"), environment);
  await layout.apply("foundation");
  const variables = [`-var-file=${join(environment, "servers.tfvars")}`];
  return { name: "module layout", folder: layout.folderOf("servers"), variables };
}

interface Bench {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
  /** Ours, and the original modules'. */
  readonly deployments: readonly [Deployment, Deployment];
}

interface Plan {
  readonly what: string;
  /** Any other ends the bench. */
  readonly status: number;
  readonly options?: readonly string[];
}

async function compare(bench: Bench, { what, status, options = [] }: Plan): Promise<string[]> {
  const env = { ...bench.env, TF_IN_AUTOMATION: "1", TF_INPUT: "0" };
  const usages = bench.deployments.map((): ChildUsage[] => []);
  for (let round = 1; round <= RUNS; round++) {
    for (const [index, { name, folder, variables }] of bench.deployments.entries()) {
      const command = ["terraform", "plan", "-no-color", "-detailed-exitcode", PARALLELISM, ...options, ...variables];
      const usage = await measureCommand(command, { cwd: folder, env, status });
      usages[index]?.push(usage);
      bench.progress(`${name}: planned, ${what}, ${round} of ${RUNS} (CPU ${usage.cpuSeconds.toFixed(1)} s)`);
    }
  }
  const cpu = usages.map((runs) => median(runs.map(({ cpuSeconds }) => cpuSeconds)));
  const wall = usages.map((runs) => median(runs.map(({ seconds }) => seconds)));
  const [ours = Number.NaN, theirs = Number.NaN] = cpu;
  const inSeconds = (values: readonly number[]) => values.map((value) => `${value.toFixed(1)} s`);
  return [what, ...inSeconds(cpu), (ours / theirs).toFixed(2), ...inSeconds(wall)];
}
