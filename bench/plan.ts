import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DocumentedLayout,
  type Terraform,
  terraformWith,
  writeTeamEnvironment,
} from "../__tests__/e2e/support/documented-layout";
import { PERMISSION_LEVELS } from "../access/permission-level";
import { type Cloud, startCloud } from "../sandbox/cloud";
import { median, printTable } from "./figures";

const SERVERS = 500;
const RUNS = 3;
const PARALLELISM = "-parallelism=4";

const PLANS: readonly (readonly [what: string, options: readonly string[]])[] = [
  ["as teams run it, with refresh", []],
  ["Terraform's own part, -refresh=false", ["-refresh=false"]],
];

/**
 * Prints how long Terraform plans the servers layer with nothing to change, ours against the documented layout's module,
 * both deployed to the same emulator. The runs alternate, so that what else the machine does meets both.
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
    const stack = await deployStack(cloud, terraform);
    const layout = await deployLayout(terraform, folder);
    const rows = [];
    for (const [what, options] of PLANS) rows.push(await compare(what, options, terraform, stack, layout));
    printTable(`terraform plan of ${SERVERS} servers, nothing to change, medians of ${RUNS} runs`, [
      ["plan", "stacks", "module layout", "ratio"],
      ...rows,
    ]);
  } finally {
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Deployed {
  readonly folder: string;
  readonly variables: readonly string[];
}

async function writeEnvironments(folder: string): Promise<void> {
  const entries = Array.from({ length: SERVERS }, (_, index) => {
    const level = PERMISSION_LEVELS[index % PERMISSION_LEVELS.length];
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

async function deployStack(cloud: Cloud, terraform: Terraform): Promise<Deployed> {
  const folder = join(cloud.cdktf.output, "stacks", "servers-stacks");
  await terraform(folder, ["init"]);
  await terraform(folder, ["apply", "-auto-approve", PARALLELISM]);
  return { folder, variables: [] };
}

async function deployLayout(terraform: Terraform, folder: string): Promise<Deployed> {
  const environment = join(folder, "environments", "modules");
  const layout = await DocumentedLayout.checkOut(terraform, join(folder, "layout"), environment);
  await layout.apply("foundation");
  await layout.apply("servers");
  return { folder: layout.folderOf("servers"), variables: [`-var-file=${join(environment, "servers.tfvars")}`] };
}

async function compare(
  what: string,
  options: readonly string[],
  terraform: Terraform,
  ...deployments: readonly [Deployed, Deployed]
): Promise<string[]> {
  const times = deployments.map((): number[] => []);
  for (let round = 0; round < RUNS; round++) {
    for (const [index, { folder, variables }] of deployments.entries()) {
      const start = performance.now();
      // Any status but 0, "no changes", ends the bench.
      await terraform(folder, ["plan", "-detailed-exitcode", PARALLELISM, ...options, ...variables]);
      times[index]?.push((performance.now() - start) / 1000);
    }
  }
  const [ours = Number.NaN, theirs = Number.NaN] = times.map(median);
  return [what, `${ours.toFixed(1)} s`, `${theirs.toFixed(1)} s`, (ours / theirs).toFixed(2)];
}
