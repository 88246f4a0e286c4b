// What operators do about one server at once, without a deployment: docs/operations.md.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { serversBucketName } from "../access/names";
import { requireEnvironment, withUploader } from "../config";
import type { ServerConfig } from "../config/schema/types";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { parseArguments, type ReportRequest } from "./arguments";
import { ClientSecrets } from "./client-secrets";
import { faultOf, runFleet } from "./command";
import { Fleet } from "./fleet";
import { reportOn, type State } from "./report";
import { reportPage } from "./report-page";
import { reportText } from "./report-text";
import { rotate } from "./rotate";
import { Uploads } from "./uploads";

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
    const bucket = serversBucketName(foundation);
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
