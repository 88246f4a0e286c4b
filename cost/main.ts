// What a fleet costs, and how near it is to AWS's limits: docs/costs.md.
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { requireEnvironment, withUploader } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { estimate, type Fleet } from "./estimate";
import { readPrices } from "./prices";
import { costTable, costText } from "./text";

const AFTER_HELP = `
Asks AWS nothing: it is arithmetic, by the formulas of docs/costs.md. Servers, tokens' validity, throttle and the
function's memory are those of the environment, unless the options say otherwise.

Examples:
  npm run cost -- prod
  npm run cost -- prod --servers 5000 --token-hours 24
  npm run --silent cost -- --table`;

interface Options {
  readonly servers?: number;
  readonly tokenHours?: number;
  readonly prices?: string;
  readonly json?: true;
  readonly table?: true;
}

function positive(most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() !== "" && number > 0 && number <= most) return number;
    throw new InvalidArgumentError(`write a number above 0, ${most.toLocaleString("en")} at most`);
  };
}

async function main(): Promise<void> {
  const program = new Command("npm run cost --")
    .description("Estimates what a fleet of servers costs in a month, and how near it is to AWS's limits")
    .argument("[environment]", "a folder of environments/")
    .option("--servers <number>", "instead of those of servers.tfvars", positive(10_000_000))
    .option("--token-hours <hours>", "validity of access tokens, 24 at most", positive(24))
    .option("--prices <file>", "unit prices of your own, in the form of cost/prices.json")
    .option("--json", "print JSON, for programs")
    .option("--table", "print the table of docs/costs.md")
    .addHelpText("after", AFTER_HELP)
    .parse();
  const { servers, tokenHours, prices: file, json, table } = program.opts<Options>();
  const [name] = program.processedArgs as [string | undefined];
  const prices = readPrices(file);
  if (table) {
    console.log(costTable(prices));
    return;
  }
  const own = name === undefined ? undefined : await fleetOf(name);
  const count = servers ?? own?.servers;
  if (count === undefined || count === 0)
    throw new Error("how many servers? Name an environment that has some, or --servers N: npm run cost -- prod");
  // Without the environment's own number of servers, its throttle and so on still count.
  const fleet: Fleet = { tokenHours: 1, ...own, servers: count, ...(tokenHours === undefined ? {} : { tokenHours }) };
  const found = estimate(fleet, prices);
  console.log(json ? JSON.stringify(found) : costText(found, prices));
}

async function fleetOf(name: string): Promise<Fleet> {
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const { servers, foundation } = withUploader(await requireEnvironment(folder, name, LAYERS));
  const minutes = servers.servers.map(({ accessTokenValidityMinutes }) => accessTokenValidityMinutes);
  // A mean would hide that each validity has a price of its own; the shortest is what most of the bill is of.
  const tokenHours = minutes.length === 0 ? 1 : Math.min(...minutes) / 60;
  return {
    servers: servers.servers.length,
    tokenHours,
    throttle: foundation.apiThrottlingRateLimit,
    lambdaGb: foundation.lambdaMemoryMb / 1024,
  };
}

allowClosedPipe();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
