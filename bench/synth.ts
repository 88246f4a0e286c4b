import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PERMISSION_LEVELS } from "../access/permission-level";
import { apiText } from "./api-environment";
import { median, printTable } from "./figures";

const PROJECT = join(__dirname, "..");
const SERVERS = [1, 10, 100, 1000, 5000];
const RUNS = 5;
/** Milliseconds that 1,000 servers may take more than one. */
const AIM_MS = 3000;

interface Measurement {
  readonly milliseconds: number;
  /** What the machine would need with nothing else to do, on one core. */
  readonly cpuMilliseconds: number;
  readonly peakMegabytes: number;
  readonly outputBytes: number;
}

/**
 * Prints how long the app takes from its start to the written Terraform JSON of both layers, files read, checked, and
 * the Lambda bundled, for growing numbers of servers; each level has as many servers.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-bench-"));
  try {
    const medians = SERVERS.map((servers) => {
      const environments = writeEnvironment(join(folder, String(servers)), servers);
      const runs = Array.from({ length: RUNS }, () => synthesise(folder, environments));
      return {
        servers,
        milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
        cpuMilliseconds: median(runs.map(({ cpuMilliseconds }) => cpuMilliseconds)),
        peakMegabytes: median(runs.map(({ peakMegabytes }) => peakMegabytes)),
        outputBytes: runs[0]?.outputBytes ?? 0,
      };
    });
    const first = medians[0] as (typeof medians)[number];
    printTable(`Synthesis of both layers, whole process, medians of ${RUNS} runs`, [
      ["servers", "wall", "CPU", "wall per server", "peak memory", "Terraform JSON"],
      ...medians.map(({ servers, milliseconds, cpuMilliseconds, peakMegabytes, outputBytes }) => [
        servers.toLocaleString("en"),
        `${(milliseconds / 1000).toFixed(2)} s`,
        `${(cpuMilliseconds / 1000).toFixed(2)} s`,
        servers === 1 ? "" : `${((milliseconds - first.milliseconds) / (servers - 1)).toFixed(2)} ms`,
        `${peakMegabytes.toFixed(0)} MB`,
        `${(outputBytes / 1e6).toFixed(2)} MB`,
      ]),
    ]);
    const thousand = medians.find(({ servers }) => servers === 1000);
    const more = (thousand?.milliseconds ?? 0) - first.milliseconds;
    console.log(`1,000 servers take ${(more / 1000).toFixed(2)} s more than one; the aim is under ${AIM_MS / 1000} s.`);
    printTable(`Synthesis with the api layer beside one server, whole process, medians of ${RUNS} runs`, [
      ["api layer", "wall", "CPU", "peak memory", "Terraform JSON"],
      ...API_SIZES.map((size) => apiRow(folder, size)),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface ApiSize {
  readonly routes: number;
  readonly clients: number;
}
const API_SIZES: readonly (ApiSize | undefined)[] = [
  undefined,
  { routes: 0, clients: 1 },
  { routes: 10, clients: 20 },
  { routes: 100, clients: 200 },
];

function apiRow(folder: string, size: ApiSize | undefined): string[] {
  const name =
    size === undefined ? "none" : `${size.routes} routes, ${size.clients} ${size.clients === 1 ? "client" : "clients"}`;
  const environments = writeEnvironment(join(folder, name.replaceAll(/\W+/g, "-")), 1);
  if (size !== undefined) {
    writeFileSync(join(environments, "bench", "api-backend.hcl"), backendText("api"));
    writeFileSync(join(environments, "bench", "api.tfvars"), apiText("bench", size.routes, size.clients));
  }
  const runs = Array.from({ length: RUNS }, () => synthesise(folder, environments));
  const middle = (value: (run: Measurement) => number) => median(runs.map(value));
  return [
    name,
    `${(middle(({ milliseconds }) => milliseconds) / 1000).toFixed(2)} s`,
    `${(middle(({ cpuMilliseconds }) => cpuMilliseconds) / 1000).toFixed(2)} s`,
    `${middle(({ peakMegabytes }) => peakMegabytes).toFixed(0)} MB`,
    `${((runs[0]?.outputBytes ?? 0) / 1e6).toFixed(2)} MB`,
  ];
}

function synthesise(folder: string, environments: string): Measurement {
  const outdir = mkdtempSync(join(folder, "out-"));
  const usageFile = join(outdir, "usage.json");
  const { PATH, HOME } = process.env;
  const began = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--import", "./bench/report-usage.mjs", "main.ts"],
    {
      cwd: PROJECT,
      encoding: "utf8",
      env: {
        PATH,
        HOME,
        CDKTF_OUTDIR: outdir,
        OIDC_S3_ENVIRONMENTS_DIR: environments,
        BENCH_USAGE_FILE: usageFile,
      },
    },
  );
  const milliseconds = performance.now() - began;
  if (status !== 0) throw new Error(`the synthesis ended with status ${status}:\n${stderr}`);
  const usage = JSON.parse(readFileSync(usageFile, "utf8")) as { peakKilobytes: number; cpuMicroseconds: number };
  const stacks = join(outdir, "stacks");
  const outputBytes = readdirSync(stacks).reduce(
    (sum, name) => sum + statSync(join(stacks, name, "cdk.tf.json")).size,
    0,
  );
  rmSync(outdir, { recursive: true });
  return {
    milliseconds,
    cpuMilliseconds: usage.cpuMicroseconds / 1000,
    peakMegabytes: usage.peakKilobytes / 1024,
    outputBytes,
  };
}

function writeEnvironment(directory: string, servers: number): string {
  const folder = join(directory, "bench");
  mkdirSync(folder, { recursive: true });
  const common = 'environment = "bench"\naws_region = "eu-west-1"\n';
  const entries = Array.from({ length: servers }, (_, index) => {
    const level = PERMISSION_LEVELS[index % PERMISSION_LEVELS.length];
    return `  "server-${index}" = {\n    s3_path_prefix = "servers/${index}/"\n    s3_permissions = "${level}"\n  }\n`;
  });
  writeFileSync(join(folder, "backend.hcl"), backendText("foundation"));
  writeFileSync(join(folder, "servers-backend.hcl"), backendText("servers"));
  writeFileSync(join(folder, "foundation.tfvars"), common);
  writeFileSync(join(folder, "servers.tfvars"), `${common}servers = {\n${entries.join("")}}\n`);
  return directory;
}

function backendText(layer: string): string {
  return `bucket = "tfstate"\nkey = "bench/${layer}.tfstate"\nregion = "eu-west-1"\n`;
}
