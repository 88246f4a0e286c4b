// What operators do about one server at once, without a deployment: docs/operations.md.
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Argument, Command, InvalidArgumentError } from "commander";
import { requireEnvironment, withUploader } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { ACTIONS, type Action, faultOf, type Request, runFleet } from "./command";
import { Fleet } from "./fleet";

const AFTER_HELP = `
Actions:
${Object.entries(ACTIONS)
  .map(([name, does]) => `  ${name.padEnd(10)} ${does}`)
  .join("\n")}

Works with your own AWS credentials, from the usual places, in the region of foundation.tfvars. Each action may be run
again. For more than one server it asks first. Exits with 0 when everything could be done, otherwise with 1.

Examples:
  npm run fleet -- prod disable db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod revoke db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod pause db-01 db-02 --until 2h --reason "maintenance" --yes
  npm run fleet -- prod status`;

/** Parses the command line. For help, or a fault (status 1), prints the text and ends the process. */
export function parseArguments(argv: readonly string[]): Request {
  const program = new Command("npm run fleet --")
    .description("Switches servers off and on at once, without a deployment")
    .argument("<environment>", "a folder of environments/")
    .addArgument(new Argument("<action>", "see below").choices(Object.keys(ACTIONS)))
    .argument("[names...]", "servers, by their names in servers.tfvars")
    .option("--reason <text>", "why, for those who find it")
    .option("--until <time>", "disable, quarantine, pause: when it ends: 30m, 2h, 1d, or 2026-12-24T18:00Z", end)
    .option("--yes", "act on more than one server without asking")
    .option("--json", "print JSON, for programs")
    .addHelpText("after", AFTER_HELP)
    .parse(argv, { from: "user" });
  const [environment, action, names] = program.processedArgs as [string, Action, string[]];
  const { reason, until, yes, json } = program.opts();
  return { environment, action, names: [...new Set(names)], reason, until, yes: yes === true, json: json === true };
}

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;

function end(text: string): (now: number) => number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return (now) => now + Number(count) * SECONDS[unit as keyof typeof SECONDS];
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const seconds = Math.floor(Date.parse(text) / 1000);
  if (!isTime || Number.isNaN(seconds))
    throw new InvalidArgumentError("write 30m, 2h or 1d, or a time with its zone, like 2026-12-24T18:00Z");
  return () => seconds;
}

/** Who asks, and AWS's time: that of the answer. */
export async function identify(sts: STSClient): Promise<{ arn: string; now: number }> {
  let now = Math.floor(Date.now() / 1000);
  sts.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { headers } = result.response as { headers?: Readonly<Record<string, string>> };
      const date = Date.parse(headers?.date ?? "");
      if (!Number.isNaN(date)) now = Math.floor(date / 1000);
      return result;
    },
    { step: "deserialize", name: "time-of-answer", override: true },
  );
  const { Arn = "unknown" } = await sts.send(new GetCallerIdentityCommand({}));
  return { arn: Arn, now };
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

async function main(): Promise<void> {
  const request = parseArguments(process.argv.slice(2));
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const { foundation } = withUploader(await requireEnvironment(folder, request.environment, LAYERS));
  const region = foundation.awsRegion;
  const right = await runFleet(request, {
    fleet: new Fleet(new DynamoDBClient({ region }), new IAMClient({ region }), foundation),
    identify: () => identify(new STSClient({ region })),
    ask: process.stdin.isTTY ? ask : undefined,
    print: (line) => console.log(line),
  });
  process.exitCode = right ? 0 : 1;
}

if (require.main === module) {
  allowClosedPipe();
  main().catch((error: unknown) => {
    console.error(faultOf(error));
    process.exitCode = 1;
  });
}
