// Who can reach what, for auditors: docs/access.md.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { requireEnvironment } from "../config";
import { LAYERS } from "../layers";
import { synthesise } from "../layers/synthesis";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { accessReport } from "./access-report";
import { accessPage } from "./report/page";
import { accessJson, accessText } from "./report/text";
import { type Deployment, readDeployment } from "./stacks/deployment";

const AFTER_HELP = `
Synthesises the environment and asks its policies, as IAM evaluates them. Asks AWS nothing, and needs no credentials.
Exits with 0 when everything matches the configuration, otherwise with 1.

Examples:
  npm run access -- prod
  npm run --silent access -- prod --html access.html
  npm run --silent access -- prod --json | jq '.reach[] | select(.may | index("delete"))'`;

/** So many servers take half a minute. */
const MANY = 3000;

async function main(): Promise<void> {
  const program = new Command("npm run access --")
    .description("Says who can write, read, delete and list what, by the policies that a deployment would make")
    .argument("<environment>", "a folder of environments/")
    .option("--html <file>", "write it as a page too")
    .option("--json", "print JSON, for programs")
    .addHelpText("after", AFTER_HELP)
    .parse();
  const [environment] = program.processedArgs as [string];
  const { html, json } = program.opts<{ html?: string; json?: true }>();
  const directory = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const config = await requireEnvironment(directory, environment, LAYERS);
  const servers = config.servers?.servers.length ?? 0;
  if (servers >= MANY) console.error(`${servers.toLocaleString("en")} servers: this takes some minutes`);
  const report = await accessReport(config, await synthesised(directory, environment));
  if (html !== undefined) {
    // Whole or not at all: somebody may have it open.
    const partial = `${html}.${process.pid}.partial`;
    writeFileSync(partial, await accessPage(report, new Date()), { mode: 0o600 });
    renameSync(partial, html);
  }
  console.log(json ? accessJson(report) : accessText(report));
  if (report.differences.length > 0) process.exitCode = 1;
}

async function synthesised(directory: string, environment: string): Promise<Deployment> {
  const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-access-"));
  try {
    const commandLine: readonly string[] = [];
    await synthesise({ directory, layers: LAYERS, variable: environment, commandLine, outdir, warn: console.error });
    return readDeployment(outdir, environment);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

// As in main.ts: cdktf captures a stack trace for every nested block of every resource.
process.setSourceMapsEnabled(false);
allowClosedPipe();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
