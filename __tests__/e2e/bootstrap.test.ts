import { execFile } from "node:child_process";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  ListBucketsCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { administratorConfig } from "../../sandbox/process/administrator";
import { writeTeamEnvironment } from "./support/original-modules";
import { terraformWith } from "./support/terraform";

const run = promisify(execFile);
const PROJECT = join(__dirname, "../..");

let folder: string;
let emulator: Emulator;
let env: NodeJS.ProcessEnv;
let s3: S3Client;
let dynamodb: DynamoDBClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-bootstrap-"));
  emulator = await startEmulator({ folder });
  const config = administratorConfig(emulator.url, "eu-west-1");
  s3 = new S3Client({ ...config, forcePathStyle: true });
  dynamodb = new DynamoDBClient(config);
  env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: emulator.url,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
    AWS_EC2_METADATA_DISABLED: "true",
    CHECKPOINT_DISABLE: "1",
    NO_PROXY: "127.0.0.1",
    OIDC_S3_ENVIRONMENTS_DIR: join(folder, "environments"),
  };
  for (const name of ["dev", "prod"]) {
    await writeTeamEnvironment(join(folder, "environments", name), { name, servers: "servers = {}\n" });
  }
});

afterAll(async () => {
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

const bootstrap = (...args: string[]) => runProgram("bootstrap/main.ts", args, env);

async function runProgram(program: string, args: readonly string[], of: NodeJS.ProcessEnv) {
  return run(process.execPath, ["--import", "tsx", program, ...args], { cwd: PROJECT, env: of }).then(
    ({ stdout }) => ({ status: 0, stdout }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ status: code, stdout, stderr }),
  );
}
const buckets = async () => ((await s3.send(new ListBucketsCommand({}))).Buckets ?? []).map(({ Name }) => Name);
const tables = async () => (await dynamodb.send(new ListTablesCommand({}))).TableNames;

it("a dry run says what it would create, and creates nothing", async () => {
  const { status, stdout } = await bootstrap("dev", "prod", "--dry-run");
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(stdout).toContain("state bucket team-tfstate (eu-west-1, account 123456789012), for dev, prod");
  expect(stdout.match(/would be made/g)).toHaveLength(2);
  expect([await buckets(), await tables()]).toEqual([[], []]);
});

it("bucket and table are created once for all environments of an account that has none", async () => {
  const { status, stdout } = await bootstrap("dev", "prod");
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect([await buckets(), await tables()]).toEqual([["team-tfstate"], ["team-tflock"]]);
  const Bucket = "team-tfstate";
  expect(await s3.send(new GetBucketVersioningCommand({ Bucket }))).toMatchObject({ Status: "Enabled" });
  expect(await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).toMatchObject({
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
  });
  const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  expect(ServerSideEncryptionConfiguration?.Rules).toMatchObject([
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
  ]);
});

it("Terraform keeps its state there, with a lock", async () => {
  const terraform = terraformWith({ ...env, AWS_REGION: "eu-west-1" });
  await writeFile(join(folder, "main.tf"), 'terraform {\n  backend "s3" {}\n}\noutput "kept" {\n  value = "yes"\n}\n');
  const backend = join(folder, "environments", "dev", "backend.hcl");
  await terraform(folder, ["init", `-backend-config=${backend}`]);
  await terraform(folder, ["apply", "-auto-approve"]);
  expect((await terraform(folder, ["output", "-raw", "kept"])).stdout).toBe("yes");
});

it("a second run leaves what exists as it is", async () => {
  const { status, stdout } = await bootstrap("dev");
  expect({ status, stdout }).toMatchObject({ status: 0 });
  expect(stdout.match(/exists, all checks passed, and is left as it is/g)).toHaveLength(2);
});

it("a bucket that somebody set up otherwise is not touched: what is missing is reported, with status 1", async () => {
  await writeTeamEnvironment(join(folder, "environments", "old"), { name: "old", servers: "servers = {}\n" });
  for (const layer of ["backend", "servers-backend"]) {
    const file = join(folder, "environments", "old", `${layer}.hcl`);
    await writeFile(file, `bucket = "old-tfstate"\nkey = "${layer}"\nregion = "eu-west-1"\nuse_lockfile = true\n`);
  }
  const old = join(folder, "environments", "old", "servers.tfvars");
  await writeFile(old, 'environment = "old"\naws_region = "eu-west-1"\n');
  const CreateBucketConfiguration = { LocationConstraint: "eu-west-1" } as const;
  await s3.send(new CreateBucketCommand({ Bucket: "old-tfstate", CreateBucketConfiguration }));
  const { status, stdout } = await bootstrap("old");
  expect({ status, stdout }).toMatchObject({ status: 1 });
  expect(stdout).toContain("! is not versioned");
  expect(stdout).toContain("→ aws s3api put-bucket-versioning --bucket old-tfstate");
  expect((await s3.send(new GetBucketVersioningCommand({ Bucket: "old-tfstate" }))).Status).toBeUndefined();
});

it("check-aws says whose credentials these are, and which environments are not for their account", async () => {
  const environments = join(folder, "accounts");
  for (const [name, account] of Object.entries({ ours: "123456789012", theirs: "999999999999" })) {
    await writeTeamEnvironment(join(environments, name), { name, servers: "servers = {}\n" });
    await appendFile(join(environments, name, "foundation.tfvars"), `allowed_account_ids = ["${account}"]\n`);
  }
  const check = (...args: string[]) =>
    runProgram("scripts/check-aws.ts", args, { ...env, OIDC_S3_ENVIRONMENTS_DIR: environments });
  expect(await check()).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(
      /^account {2}123456789012\narn +arn:aws:\S+\nregion +eu-west-1\nsource +the environment: .*, key a\nours +account 123456789012 is allowed\ntheirs +WRONG ACCOUNT/,
    ),
  });
  expect(await check("ours")).toMatchObject({ status: 0 });
  expect(await check("none")).toMatchObject({ status: 1, stderr: expect.stringMatching(/only ours, theirs/) });
});
