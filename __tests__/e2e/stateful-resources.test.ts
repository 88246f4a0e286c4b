import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Cloud } from "../../sandbox/cloud/cloud";
import { ServersOutputs } from "../../sandbox/terraform/layer-outputs";
import { uploadAsOldClient } from "./support/old-api";
import { writeTeamEnvironment } from "./support/original-modules";
import { Stacks, startDeployedCloud } from "./support/stacks";
import { plan, type Terraform } from "./support/terraform";

const run = promisify(execFile);

let folder: string;
let cloud: Cloud;
let stacks: Stacks;
let terraform: Terraform;
let deployed: ServersOutputs;

const environmentFolder = () => join(folder, "environments", "ops");
const stack = () => stacks.folderOf("servers");
const writeServers = (servers: string) =>
  writeTeamEnvironment(environmentFolder(), {
    name: "ops",
    foundation: [
      "bucket_tls_only = false",
      'lambda_package = "asset"',
      "abort_incomplete_multipart_upload_days = 0",
      "deletion_protection = true",
    ],
    servers: `servers = {\n${servers}\n}\n`,
  });
const credentialsOf = ({ server_configurations, server_secrets }: ServersOutputs, server: string) => ({
  clientId: server_configurations[server]?.cognito_client_id ?? "",
  secret: server_secrets[server] ?? "",
});
const upload = (client: { clientId: string; secret: string }, name: string) =>
  uploadAsOldClient(cloud, cloud.services, client, name);
const aws = async (...args: string[]) => (await run("aws", args, { env: cloud.env })).stdout;

const planned = () => stacks.plan("servers");
const hasChanges = () => stacks.hasChanges("servers");

/** Applies what the environment's files say now; gives what that did. */
async function applied() {
  const steps = await stacks.apply("servers");
  deployed = ServersOutputs.parse(await stacks.outputs("servers"));
  return steps;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-stateful-"));
  await writeServers('"log-shipper" = { s3_path_prefix = "logs/" }');
  cloud = await startDeployedCloud({ environments: join(folder, "environments"), environment: "ops" });
  stacks = new Stacks(cloud);
  terraform = stacks.terraform;
  deployed = cloud.servers;
});

afterAll(async () => {
  await cloud?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("rotating a server's secret", () => {
  let old: ReturnType<typeof credentialsOf>;

  it("begins with a second entry for the same prefix, which touches nothing of the first", async () => {
    old = credentialsOf(deployed, "log-shipper");
    await writeServers(
      '"log-shipper" = { s3_path_prefix = "logs/", shared_prefix = true }\n' +
        '"log-shipper-2" = { s3_path_prefix = "logs/", shared_prefix = true }',
    );
    const steps = await applied();
    expect(new Set(Object.values(steps))).toEqual(new Set(["create"]));
    expect(Object.keys(steps).every((address) => address.endsWith("_log-shipper-2"))).toBe(true);
  });

  it("continues with both secrets at work", async () => {
    expect(await upload(old, "by-old")).toMatchObject({ key: "logs/by-old" });
    expect(await upload(credentialsOf(deployed, "log-shipper-2"), "by-new")).toMatchObject({ key: "logs/by-new" });
  });

  it("ends with the first entry's removal, after which only the new secret works", async () => {
    await writeServers('"log-shipper-2" = { s3_path_prefix = "logs/" }');
    const steps = await applied();
    expect(new Set(Object.values(steps))).toEqual(new Set(["delete"]));
    expect(Object.keys(steps).every((address) => address.endsWith("_log-shipper"))).toBe(true);
    expect(await upload(credentialsOf(deployed, "log-shipper-2"), "by-new-alone")).toMatchObject({
      key: "logs/by-new-alone",
    });
    await expect(upload(old, "by-old-again")).rejects.toThrow(/HTTP Error 40[01]/);
  });
});

describe("renaming a server", () => {
  it("by moving its client and table item in the state keeps its client id and secret", async () => {
    const before = credentialsOf(deployed, "log-shipper-2");
    await writeServers('"log-collector" = { s3_path_prefix = "logs/" }');
    await stacks.synthesise();
    for (const type of ["aws_cognito_user_pool_client.server", "aws_dynamodb_table_item.client_role_mapping"]) {
      await terraform(stack(), ["state", "mv", `${type}_log-shipper-2`, `${type}_log-collector`]);
    }
    expect(await applied()).toEqual({
      "aws_cognito_user_pool_client.server_log-collector": "update",
      "aws_dynamodb_table_item.client_role_mapping_log-collector": "update",
      "aws_iam_role.server_log-collector": "create",
      "aws_iam_role.server_log-shipper-2": "delete",
      "aws_iam_role_policy.s3_objects_log-collector": "create",
      "aws_iam_role_policy.s3_objects_log-shipper-2": "delete",
    });
    expect(credentialsOf(deployed, "log-collector")).toEqual(before);
    expect(await upload(before, "renamed")).toMatchObject({ key: "logs/renamed" });
  });

  it("by its name alone gives it another client id and secret", async () => {
    await writeServers('"log-gatherer" = { s3_path_prefix = "logs/" }');
    const steps = await planned();
    expect(steps["aws_cognito_user_pool_client.server_log-collector"]).toBe("delete");
    expect(steps["aws_cognito_user_pool_client.server_log-gatherer"]).toBe("create");
    await writeServers('"log-collector" = { s3_path_prefix = "logs/" }');
    expect(await planned()).toEqual({});
  });
});

it("moving a server's prefix changes policy and table item only; its objects are copied by hand", async () => {
  const client = credentialsOf(deployed, "log-collector");
  await aws(
    "s3",
    "cp",
    "--recursive",
    `s3://${cloud.foundation.bucket_name}/logs/`,
    `s3://${cloud.foundation.bucket_name}/journal/`,
  );
  await writeServers('"log-collector" = { s3_path_prefix = "journal/" }');
  expect(await applied()).toEqual({
    "aws_dynamodb_table_item.client_role_mapping_log-collector": "update",
    "aws_iam_role_policy.s3_objects_log-collector": "update",
  });
  expect(await upload(client, "moved")).toMatchObject({ key: "journal/moved" });
  expect(await aws("s3", "ls", `s3://${cloud.foundation.bucket_name}/journal/`)).toContain("renamed");
});

it("a lock that a dead deployment left is detected, and released by force-unlock", async () => {
  const path = "team-tfstate/ops/cognito-servers/terraform.tfstate";
  const info = { ID: "11111111-2222-3333-4444-555555555555", Operation: "OperationTypeApply", Who: "ci", Path: path };
  const item = { LockID: { S: path }, Info: { S: JSON.stringify(info) } };
  await aws("dynamodb", "put-item", "--table-name", "team-tflock", "--item", JSON.stringify(item));
  await expect(plan(terraform, stack())).rejects.toThrow(/Error acquiring the state lock/);
  await terraform(stack(), ["force-unlock", "-force", info.ID]);
  expect(await hasChanges()).toBe(false);
});

it("a corrupted state is restored from the bucket's versions", async () => {
  const key = "ops/cognito-servers/terraform.tfstate";
  const object = ["--bucket", "team-tfstate", "--key", key];
  const good = JSON.parse(await aws("s3api", "head-object", ...object)).VersionId as string;
  const spoilt = join(folder, "spoilt");
  await writeFile(spoilt, "{}");
  await aws("s3api", "put-object", ...object, "--body", spoilt);
  await expect(plan(terraform, stack())).rejects.toThrow(/state/i);
  const restored = join(folder, "restored.tfstate");
  await aws("s3api", "get-object", ...object, "--version-id", good, restored);
  expect(JSON.parse(await readFile(restored, "utf8")).resources.length).toBeGreaterThan(0);
  await aws("s3api", "put-object", ...object, "--body", restored);
  expect(await hasChanges()).toBe(false);
});

it("an older state is accepted once its digest is removed from the lock table", async () => {
  const key = "ops/cognito-servers/terraform.tfstate";
  const object = ["--bucket", "team-tfstate", "--key", key];
  const versions = JSON.parse(await aws("s3api", "list-object-versions", "--bucket", "team-tfstate", "--prefix", key));
  const current = join(folder, "current.tfstate");
  await aws("s3api", "get-object", ...object, current);
  const state = JSON.parse(await readFile(current, "utf8")) as { serial: number };
  expect(versions.Versions.length).toBeGreaterThan(3);
  // A state whose content is not the one whose digest is in the lock table.
  await writeFile(current, JSON.stringify({ ...state, serial: state.serial + 1 }));
  await aws("s3api", "put-object", ...object, "--body", current);
  await expect(plan(terraform, stack())).rejects.toThrow(/does not match|not have the expected content/);
  const digest = JSON.stringify({ LockID: { S: `team-tfstate/${key}-md5` } });
  await aws("dynamodb", "delete-item", "--table-name", "team-tflock", "--key", digest);
  expect(await hasChanges()).toBe(false);
});

it("a client that has dropped out of the state is imported with its id and secret", async () => {
  const address = "aws_cognito_user_pool_client.server_log-collector";
  const before = credentialsOf(deployed, "log-collector");
  await terraform(stack(), ["state", "rm", address]);
  await terraform(stack(), ["import", address, `${cloud.foundation.cognito_user_pool_id}/${before.clientId}`]);
  expect(Object.values(await applied()).filter((step) => step !== "update")).toEqual([]);
  expect(credentialsOf(deployed, "log-collector")).toEqual(before);
});

it("a provider lock file beside the environments is used: with other checksums no provider is accepted", async () => {
  const lock = join(folder, "environments", ".terraform.lock.hcl");
  const checksum = `h1:${Buffer.alloc(32).toString("base64")}`;
  const registry = "registry.terraform.io";
  await writeFile(
    lock,
    `provider "${registry}/hashicorp/aws" {\n  version     = "5.100.0"\n  constraints = "~> 5.0"\n  hashes = [\n    "${checksum}",\n  ]\n}\n`,
  );
  const { status, output } = await cloud.cdktf.run(["diff", "servers-ops"]);
  expect(status).not.toBe(0);
  expect(output).toMatch(/checksums/);
  await rm(lock);
});
