// What operators do about one server at once, without a deployment: docs/operations.md.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { Argument, Command, InvalidArgumentError } from "commander";
import { SECRET_FINGERPRINT } from "../access/client-activity";
import { uploadsBucketName } from "../access/names";
import { requireEnvironment, withUploader } from "../config";
import type { ServerConfig } from "../config/schema/types";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { ClientSecrets } from "./client-secrets";
import { ACTIONS, type Action, faultOf, type Request, runFleet } from "./command";
import { Fleet } from "./fleet";
import { reportOn, type State } from "./report";
import { reportPage } from "./report-page";
import { reportText } from "./report-text";
import { type RotationRequest, rotate } from "./rotate";
import { Uploads } from "./uploads";

const ROTATE = "a second secret for NAME, into a file (--to); then --finish takes the old one away";
const REPORT = "every server: last seen, newest object, controls, and which are silent";

const AFTER_HELP = `
Actions:
${Object.entries({ ...ACTIONS, rotate: ROTATE, report: REPORT })
  .map(([name, does]) => `  ${name.padEnd(10)} ${does}`)
  .join("\n")}

Works with your own AWS credentials, from the usual places, in the region of foundation.tfvars. Each action may be run
again. For more than one server it asks first. Exits with 0 when everything could be done, otherwise with 1; report with
3 where a server is silent or has written nothing new.

Examples:
  npm run fleet -- prod disable db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod revoke db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod pause db-01 db-02 --until 2h --reason "maintenance" --yes
  npm run fleet -- prod rotate db-01 --to db-01.env
  npm run fleet -- prod status
  npm run --silent fleet -- prod report --silent 26h --stale 26h --html fleet.html || mail …`;

/** What `report` is asked for. */
export interface ReportRequest {
  readonly environment: string;
  readonly action: "report";
  /** Seconds. */
  readonly silent: number;
  readonly stale?: number | undefined;
  readonly html?: string | undefined;
  readonly json: boolean;
}

/** Parses the command line. For help, or a fault (status 1), prints the text and ends the process. */
export function parseArguments(argv: readonly string[]): Request | RotationRequest | ReportRequest {
  const program = new Command("npm run fleet --")
    .description("Switches servers off and on at once, without a deployment, and says which are silent")
    .argument("<environment>", "a folder of environments/")
    .addArgument(new Argument("<action>", "see below").choices([...Object.keys(ACTIONS), "rotate", "report"]))
    .argument("[names...]", "servers, by their names in servers.tfvars")
    .option("--reason <text>", "why, for those who find it")
    .option("--until <time>", "disable, quarantine, pause: when it ends: 30m, 2h, 1d, or 2026-12-24T18:00Z", end)
    .option("--to <file>", "rotate: a new file for the new secret, which the server gets")
    .option(
      "--finish [fingerprint]",
      "rotate: take the old secret away, where the server has said that it uses the new one",
      fingerprint,
    )
    .option("--cancel", "rotate: take the new secret away again")
    .option("--yes", "do not ask: before more than one server, or before a secret is taken away")
    .option("--silent <duration>", "report: silent is who got no credentials for so long: 26h, 2d", silence, 26 * 3600)
    .option("--stale <duration>", "report: name those too that may write, and wrote nothing new for so long", duration)
    .option("--html <file>", "report: write it as a page too")
    .option("--json", "print JSON, for programs")
    .addHelpText("after", AFTER_HELP)
    .parse(argv, { from: "user" });
  const [environment, action, names] = program.processedArgs as [string, Action | "rotate" | "report", string[]];
  const { reason, until, yes, json, silent, stale, html } = program.opts();
  if (action === "report") {
    if (names.length > 0) program.error("error: report is about every server: leave the names out");
    return { environment, action, silent, stale, html, json: json === true };
  }
  if (action === "rotate") {
    const { to, finish, cancel } = program.opts();
    const [name, ...others] = names;
    if (name === undefined || others.length > 0) return program.error("error: rotate is about one server: name it");
    if ([to, finish, cancel].filter((option) => option !== undefined).length > 1)
      program.error("error: --to, --finish and --cancel are steps of their own: give one of them");
    return {
      environment,
      action,
      name,
      to,
      finish: finish === true ? "" : finish,
      cancel: cancel === true,
      yes: yes === true,
    };
  }
  return { environment, action, names: [...new Set(names)], reason, until, yes: yes === true, json: json === true };
}

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;

function seconds(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

function end(text: string): (now: number) => number {
  const length = seconds(text);
  if (length !== undefined) return (now) => now + length;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = Math.floor(Date.parse(text) / 1000);
  if (!isTime || Number.isNaN(time))
    throw new InvalidArgumentError("write 30m, 2h or 1d, or a time with its zone, like 2026-12-24T18:00Z");
  return () => time;
}

function fingerprint(text: string): string {
  if (SECRET_FINGERPRINT.test(text)) return text;
  throw new InvalidArgumentError("write the 12 digits that --to printed and oidc-s3 doctor shows, or nothing");
}

function duration(text: string): number {
  const length = seconds(text);
  if (length === undefined || length === 0) throw new InvalidArgumentError("write 26h or 2d");
  return length;
}

/** A working server's note may be seven hours old (docs/operations.md), and its next vending half an hour away. */
const SHORTEST_SILENCE_HOURS = 8;

function silence(text: string): number {
  const length = duration(text);
  if (length >= SHORTEST_SILENCE_HOURS * 3600) return length;
  throw new InvalidArgumentError(`a server is noted every six hours: write ${SHORTEST_SILENCE_HOURS}h or more`);
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

/** @returns the exit code: 3 where servers are silent or stale, 1 where of one it is not known, otherwise 0. */
async function runReport(
  { environment, silent, stale, html, json }: ReportRequest,
  of: { readonly fleet: Fleet; readonly uploads: Uploads; readonly servers: readonly ServerConfig[] },
): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const minutes = new Map(of.servers.map(({ name, accessTokenValidityMinutes }) => [name, accessTokenValidityMinutes]));
  const found = await reportOn(of.fleet, of.uploads, {
    now,
    silentAfter: silent,
    staleAfter: stale,
    tokenHours: (server) => (minutes.get(server) ?? Number.NaN) / 60 || undefined,
  });
  if (html !== undefined) {
    // Whole or not at all: somebody may have it open.
    const partial = `${html}.${process.pid}.partial`;
    writeFileSync(partial, await reportPage(environment, found, now), { mode: 0o600 });
    renameSync(partial, html);
  }
  console.log(json ? JSON.stringify(found) : reportText(found, now));
  const has = (...states: readonly State[]) => found.some(({ state }) => states.includes(state));
  return has("fault") ? 1 : has("silent", "stale") ? 3 : 0;
}

async function main(): Promise<void> {
  const request = parseArguments(process.argv.slice(2));
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const { foundation, servers } = withUploader(await requireEnvironment(folder, request.environment, LAYERS));
  const region = foundation.awsRegion;
  const fleet = new Fleet(new DynamoDBClient({ region }), new IAMClient({ region }), foundation);
  if (request.action === "report") {
    const bucket = foundation.createS3Bucket ? uploadsBucketName(foundation) : foundation.existingBucketName;
    const uploads = new Uploads(new S3Client({ region }), bucket);
    process.exitCode = await runReport(request, { fleet, uploads, servers: servers.servers });
    return;
  }
  const operator = {
    fleet,
    identify: () => identify(new STSClient({ region })),
    ask: process.stdin.isTTY ? ask : undefined,
    print: (line: string) => console.log(line),
  };
  if (request.action === "rotate") {
    const cognito = new CognitoIdentityProviderClient({ region });
    await rotate(request, { ...operator, secrets: (accountId) => ClientSecrets.of(cognito, foundation, accountId) });
  } else if (!(await runFleet(request, operator))) process.exitCode = 1;
}

if (require.main === module) {
  allowClosedPipe();
  main().catch((error: unknown) => {
    console.error(faultOf(error));
    process.exitCode = 1;
  });
}
