import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeCognito } from "../__tests__/client/support/fake-cognito";
import { FakeServices } from "../__tests__/client/support/fake-services";
import { buildClient } from "../build/client";
import { Secret } from "../client/core/secret";
import { getCredentials } from "../client/credentials/credentials";
import { loadSettings } from "../client/settings/settings";
import { login } from "../client/user/login";
import { srpProof, srpTimestamp, startSrp } from "../client/user/sign-in/srp";
import { median, printTable } from "./figures";

const RUNS = 31;

/**
 * Prints how long `get-credentials` takes from a warm cache, against the start of Node.js itself, an empty ES module,
 * the import of boto3, and `cat` of the file that the daemon keeps: all in turn, so that what else the machine does
 * falls on all of them.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-bench-"));
  const services = await new FakeServices().start();
  try {
    const client = await buildClient(folder);
    writeFileSync(join(folder, "small.json"), "{}");
    // A file of CA certificates doubles the time that Node.js takes to start, for every program alike: left out.
    const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, ...own } = process.env;
    const env = { ...own, ...services.environment, XDG_CACHE_HOME: folder };
    await getCredentials(loadSettings({ env, defaultConfigFile: "/nonexistent" }));
    const commands = {
      "node -e 0": ["node", "-e", "0"],
      "get-credentials, warm cache": ["node", client, "get-credentials"],
      "oidc-s3 --version (whole program)": ["node", client, "--version"],
      'python3 -c "import boto3"': ["python3", "-c", "import boto3"],
      "cat of a small file (as with the daemon)": ["cat", join(folder, "small.json")],
    };
    const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
    for (let round = 0; round < RUNS; round++) {
      for (const [name, command] of Object.entries(commands)) times.get(name)?.push(timeOf(command, env));
    }
    const node = median(times.get("node -e 0") ?? []);
    const boto3 = median(times.get('python3 -c "import boto3"') ?? []);
    printTable(`get-credentials, medians of ${RUNS} runs in turn`, [
      ["", "median ms", "least ms", "of node -e 0", "of import boto3"],
      ...[...times].map(([name, values]) => {
        const middle = median(values);
        return [
          name,
          middle.toFixed(1),
          Math.min(...values).toFixed(1),
          (middle / node).toFixed(2),
          (middle / boto3).toFixed(2),
        ];
      }),
    ]);
    console.log("The aim is at most 1.5 of node -e 0, and under 0.2 of import boto3.");
    await people(client, folder, own);
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Prints how long `user credentials` takes from a warm cache, against the start of Node.js and the AWS CLI with a warm
 * cache of a sign-in of its own (SSO), and what a sign-in by SRP costs without the network.
 */
async function people(client: string, folder: string, own: NodeJS.ProcessEnv): Promise<void> {
  const home = join(folder, "home");
  const cognito = await new FakeCognito().start();
  try {
    mkdirSync(join(home, ".config/oidc-s3/users"), { recursive: true, mode: 0o700 });
    writeFileSync(join(home, ".config/oidc-s3/users/default.json"), JSON.stringify(cognito.configuration()), {
      mode: 0o600,
    });
    const { AWS_PROFILE, AWS_ENDPOINT_URL, XDG_CONFIG_HOME, XDG_STATE_HOME, ...rest } = own;
    const env = { ...rest, HOME: home, AWS_CONFIG_FILE: ssoProfile(home), AWS_EC2_METADATA_DISABLED: "true" };
    await signIn(cognito, env);
    const aws = ["aws", "configure", "export-credentials", "--profile", "sso"];
    const commands = {
      "node -e 0": ["node", "-e", "0"],
      "user credentials, warm cache": ["node", client, "user", "credentials"],
      ...(works(aws, env) ? { "aws configure export-credentials (SSO)": aws } : {}),
      // Of version 2 alone; what any command of either version takes at the least.
      ...(works(["aws", "--version"], env) ? { "aws --version": ["aws", "--version"] } : {}),
    };
    const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
    for (let round = 0; round < RUNS; round++)
      for (const [name, command] of Object.entries(commands)) times.get(name)?.push(timeOf(command, env));
    const node = median(times.get("node -e 0") ?? []);
    const ours = median(times.get("user credentials, warm cache") ?? []);
    printTable(`user credentials, medians of ${RUNS} runs in turn`, [
      ["", "median ms", "of node -e 0", "times user credentials"],
      ...[...times].map(([name, values]) => {
        const middle = median(values);
        return [name, middle.toFixed(1), (middle / node).toFixed(2), (middle / ours).toFixed(1)];
      }),
    ]);
    console.log("The aim is at most 1.5 of node -e 0, and a fifth of the AWS CLI.");
    const work = Array.from({ length: RUNS }, ownWorkOfSrp);
    printTable("a sign-in by SRP, its own work without the network", [
      ["", "ms"],
      ["the first, as in a command", (work[0] ?? Number.NaN).toFixed(1)],
      [`median of ${RUNS}`, median(work).toFixed(1)],
    ]);
    console.log("The aim is under 50 ms.");
  } finally {
    await cognito.stop();
  }
}

async function signIn(cognito: FakeCognito, env: NodeJS.ProcessEnv): Promise<void> {
  const answer = async () => cognito.password;
  const silent = () => {};
  await login({
    env,
    userName: cognito.userName,
    browser: true,
    writeKeys: false,
    prompt: { ask: answer, askHidden: answer, close: silent },
    program: [],
    open: silent,
    show: silent,
    print: silent,
    say: silent,
  });
}

/** Both values of the client and the proof, for an answer as a user pool gives it. */
function ownWorkOfSrp(): number {
  const publicValue = startSrp().publicValue;
  const challenge = { userId: "ann", publicValue, salt: "8dbcb21f18ae3216", secretBlock: "c2VjcmV0" };
  const began = performance.now();
  const password = new Secret("Correct-Horse-1");
  srpProof(startSrp(), challenge, { poolName: "AbCdEf123", password, timestamp: srpTimestamp() });
  return performance.now() - began;
}

/** A profile of IAM Identity Center, whose credentials are in the AWS CLI's own cache. @returns the config's path. */
function ssoProfile(home: string): string {
  const role = { accountId: "123456789012", roleName: "reader", startUrl: "https://bench.awsapps.com/start" };
  const config = join(home, "aws-config");
  const lines = ["[profile sso]", `sso_start_url = ${role.startUrl}`, "sso_region = eu-west-1", "region = eu-west-1"];
  writeFileSync(
    config,
    [...lines, `sso_account_id = ${role.accountId}`, `sso_role_name = ${role.roleName}`, ""].join("\n"),
  );
  const Expiration = new Date(Date.now() + 3600_000).toISOString().replace(/\.\d+/, "");
  const Credentials = { AccessKeyId: "ASIABENCH", SecretAccessKey: "secret", SessionToken: "token", Expiration };
  const folder = join(home, ".aws/cli/cache");
  mkdirSync(folder, { recursive: true });
  const key = createHash("sha1").update(JSON.stringify(role)).digest("hex");
  writeFileSync(join(folder, `${key}.json`), JSON.stringify({ ProviderType: "sso", Credentials }));
  return config;
}

function works([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return spawnSync(program, args, { env }).status === 0;
}

function timeOf([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}
