import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BundledFunction, BundleFile, functionEnvironment } from "../__tests__/lambda/support/bundled-function";
import { CLIENT_ROLE, CloudStub, dynamodbError, itemAnswer, stsError } from "../__tests__/lambda/support/cloud-stub";
import { CLIENT_ID, jwks, sign, signingKey } from "../__tests__/lambda/support/tokens";
import { clientControlItem, noControl } from "../access/client-control";
import { clientRoleItem } from "../access/client-role";
import { LAYERS } from "../layers";
import { terraformVersion } from "../layers/cdktf-arguments";
import { synthesise } from "../layers/synthesis";
import { dashboardPicture, type EmfRecord } from "./dashboard/picture";

const PICTURE = join(__dirname, "..", "docs", "images", "dashboard.svg");
/** Seconds that stand for five minutes each, and how many of them are played. */
const SECONDS_A_POINT = 2;
const POINTS = 24;

/**
 * Draws the dashboard of the environment `local`, as it is synthesised, from what the bundled function writes in a run of
 * a minute: requests as a fleet makes them, an operator who disables a server, and a throttled STS.
 */
export async function run(): Promise<void> {
  const records = await play();
  writeFileSync(PICTURE, dashboardPicture(await dashboardBody(), records, SECONDS_A_POINT * 1000));
  console.log(`${PICTURE}: ${records.length} records of the function`);
}

async function play(): Promise<EmfRecord[]> {
  const key = signingKey("pool-key");
  const stub = new CloudStub(jwks(key));
  const bundle = new BundleFile();
  await Promise.all([stub.start(), bundle.build()]);
  const environment = { ...functionEnvironment(stub.url), AWS_LAMBDA_FUNCTION_NAME: "oidc-s3-local-cred-vending" };
  const lambda = await BundledFunction.start(bundle.path, environment);
  try {
    const request = (token: string) => lambda.invoke({ body: JSON.stringify({ access_token: token }) });
    const [good, forged] = [sign(key), sign(signingKey("pool-key"))];
    const disabled = itemAnswer(
      clientRoleItem(CLIENT_ROLE),
      clientControlItem({ ...noControl(CLIENT_ID), disabled: true }),
    );
    for (let point = 0; point < POINTS; point++) {
      const end = Date.now() + SECONDS_A_POINT * 1000;
      stub.reset();
      const vendings = 30 + Math.round(12 * Math.sin(point / 3));
      for (let count = 0; count < vendings; count++) await request(good);
      if (point >= 8 && point < 14) {
        stub.behaviour.dynamodb = disabled;
        for (let count = 0; count < 4; count++) await request(good);
      }
      if (point >= 16 && point < 18) {
        stub.reset();
        stub.behaviour.sts = stsError(400, "Throttling", "Rate exceeded");
        for (let count = 0; count < 6; count++) await request(good);
      }
      if (point === 20) {
        stub.reset();
        stub.behaviour.dynamodb = dynamodbError(500, "InternalServerError", "down");
        for (let count = 0; count < 3; count++) await request(good);
      }
      if (point % 7 === 3) await request(forged);
      await sleep(Math.max(0, end - Date.now()));
    }
    return (await lambda.newRecords()).filter(({ _aws }) => _aws !== undefined) as unknown as EmfRecord[];
  } finally {
    await lambda.stop();
    await stub.stop();
    bundle.remove();
  }
}

async function dashboardBody(): Promise<string> {
  const outdir = mkdtempSync(join(tmpdir(), "oidc-s3-dashboard-"));
  try {
    const directory = join(__dirname, "..", "environments");
    const of = { directory, outdir, layers: LAYERS, variable: "local", commandLine: [], terraformVersion };
    await synthesise({ ...of, warn: () => {} });
    const file = join(outdir, "stacks", "foundation-local", "cdk.tf.json");
    return JSON.parse(readFileSync(file, "utf8")).resource.aws_cloudwatch_dashboard.operations.dashboard_body;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
