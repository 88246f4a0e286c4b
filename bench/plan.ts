import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OriginalModules, writeTeamEnvironment } from "../__tests__/e2e/support/original-modules";
import { type Terraform, terraformWith } from "../__tests__/e2e/support/terraform";
import { type Cloud, startCloud } from "../sandbox/cloud/cloud";
import { median, printTable } from "./figures";

const SERVERS = 500;
const RUNS = 3;
const PARALLELISM = "-parallelism=4";
/** `terraform plan -detailed-exitcode`. */
const NO_CHANGES = 0;
const CHANGES = 2;

/**
 * Prints how long Terraform plans the servers layer, ours against the original Terraform modules, before their deployment
 * and after it, both in the same emulator. The runs alternate, so that what else the machine does meets both.
 */
export async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "oidc-s3-bench-plan-"));
  let cloud: Cloud | undefined;
  try {
    await writeEnvironments(join(folder, "environments"));
    cloud = await startCloud({
      environments: join(folder, "environments"),
      environment: "stacks",
      deploy: ["foundation"],
    });
    const terraform = terraformWith(cloud.env);
    const stack = await initialiseStack(cloud, terraform);
    const layout = await initialiseLayout(terraform, folder);
    const inTurn = (what: string, status: number, ...options: string[]) =>
      compare(what, { terraform, status, options }, stack, layout);
    const HEAD = ["plan", "stacks", "module layout", "ratio"];
    printTable(`terraform plan of ${SERVERS} servers, medians of ${RUNS} runs`, [
      HEAD,
      await inTurn("all to add", CHANGES),
    ]);
    for (const { folder, variables } of [stack, layout]) {
      await terraform(folder, ["apply", "-auto-approve", PARALLELISM, ...variables]);
    }
    printTable(`the same, deployed (${SERVERS} servers, medians of ${RUNS} runs)`, [
      HEAD,
      await inTurn("nothing to change, with refresh", NO_CHANGES),
      await inTurn("nothing to change, -refresh=false", NO_CHANGES, "-refresh=false"),
    ]);
  } finally {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Deployment {
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
  return { folder, variables: [] };
}

async function initialiseLayout(terraform: Terraform, folder: string): Promise<Deployment> {
  const environment = join(folder, "environments", "modules");
  const layout = await OriginalModules.checkOut(terraform, join(folder, "layout"), environment);
  await layout.apply("foundation");
  return { folder: layout.folderOf("servers"), variables: [`-var-file=${join(environment, "servers.tfvars")}`] };
}

interface Plan {
  readonly terraform: Terraform;
  /** Any other ends the bench. */
  readonly status: number;
  readonly options: readonly string[];
}

async function compare(
  what: string,
  { terraform, status, options }: Plan,
  ...deployments: readonly [Deployment, Deployment]
): Promise<string[]> {
  const times = deployments.map((): number[] => []);
  for (let round = 0; round < RUNS; round++) {
    for (const [index, { folder, variables }] of deployments.entries()) {
      const start = performance.now();
      await terraform(folder, ["plan", "-detailed-exitcode", PARALLELISM, ...options, ...variables], [status]);
      times[index]?.push((performance.now() - start) / 1000);
    }
  }
  const [ours = Number.NaN, theirs = Number.NaN] = times.map(median);
  return [what, `${ours.toFixed(1)} s`, `${theirs.toFixed(1)} s`, (ours / theirs).toFixed(2)];
}
