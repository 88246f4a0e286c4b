import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetRolePolicyCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { PROJECT_FOLDER } from "../../sandbox/terraform/cdktf";
import type { Layer } from "../../sandbox/terraform/layer-outputs";
import {
  actions,
  applyPlan,
  hasChanges,
  outputs,
  plan,
  type Terraform,
  terraformWith,
} from "./support/documented-layout";

/** Everything on that the emulator can have, so that each resource meets the real provider; names to stumble over. */
const FOUNDATION = `
environment = "dev"
aws_region  = "eu-west-1"
bucket_versioning                      = true
bucket_expiration_days                 = 10
abort_incomplete_multipart_upload_days = 7
bucket_tls_only                        = true
bucket_force_destroy                   = true
point_in_time_recovery                 = true
deletion_protection                    = false
lambda_package                         = "asset"
`;
const SERVERS: Readonly<Record<string, string>> = {
  "log-shipper": 's3_path_prefix = "logs/"',
  "data.sync.eu": 's3_path_prefix = "sync/"\n s3_permissions = "full"\n max_session_duration = 900',
  "2nd_site": `s3_path_prefix = "größe & <co> %%{x}/it's/"\n s3_permissions = "full"\n tags = { Team = "a b@c" }`,
};

let folder: string;
let cloud: Cloud;
let terraform: Terraform;

const stackFolder = (layer: Layer) => join(cloud.cdktf.output, "stacks", `${layer}-dev`);
const applied = (layer: Layer) => outputs(terraform, stackFolder(layer));

async function writeServers(servers: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(servers).map(([name, body]) => `  "${name}" = {\n ${body}\n }\n`);
  const head = 'environment = "dev"\naws_region = "eu-west-1"\ntfstate_bucket = "oidc-s3-local-tfstate"\n';
  await writeFile(
    join(folder, "dev", "servers.tfvars"),
    `${head}servers = {\n${entries.join("")}}\ncommon_tags = { Owner = "platform" }\n`,
  );
}

/** `cdktf diff`, and the same plan as plain Terraform makes it in the stack's folder. */
async function diff(layer: Layer) {
  const { status, output } = await cloud.cdktf.run(["diff", `${layer}-dev`]);
  expect({ status, output }).toMatchObject({ status: 0 });
  return { output, ...(await plan(terraform, stackFolder(layer))) };
}

/** Synthesises as cdktf does, and plans with plain Terraform, which is several times as fast as `cdktf diff`. */
async function quickPlan(layer: Layer) {
  const env = { ...cloud.env, CDKTF_OUTDIR: cloud.cdktf.output };
  await promisify(execFile)(process.execPath, ["--import", "tsx", "main.ts"], { cwd: PROJECT_FOLDER, env });
  return plan(terraform, stackFolder(layer));
}

/** The addresses that a server called `name` in addresses has. */
const addressesOf = (name: string, lists: boolean) => [
  `aws_cognito_user_pool_client.server_${name}`,
  `aws_dynamodb_table_item.client_role_mapping_${name}`,
  `aws_iam_role.server_${name}`,
  ...(lists ? [`aws_iam_role_policy.s3_list_${name}`] : []),
  `aws_iam_role_policy.s3_objects_${name}`,
];
const each = (addresses: string[], action: string) => Object.fromEntries(addresses.map((address) => [address, action]));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-layers-"));
  await cp(join(__dirname, "../../environments/local"), join(folder, "dev"), { recursive: true });
  await writeFile(join(folder, "dev", "foundation.tfvars"), FOUNDATION);
  await writeServers(SERVERS);
  cloud = await startCloud({ environments: folder, environment: "dev" });
  terraform = terraformWith(cloud.env);
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

it.each(["foundation", "servers"] as const)(
  "after its deployment the %s layer has nothing to change",
  async (layer) => {
    const { output, changes, plan: planned } = await diff(layer);
    expect(output).toMatch(/No changes\. Your infrastructure matches the configuration/);
    expect(output).not.toMatch(/Warning|Deprecat/i);
    expect(changes).toBe(false);
    expect(actions(planned)).toEqual({});
    expect((await terraform(stackFolder(layer), ["validate"])).stdout).toContain("The configuration is valid");
  },
);

it("outputs are what the documented names say", async () => {
  const foundation = await applied("foundation");
  const account = foundation.aws_account_id;
  expect(foundation).toMatchObject({
    bucket_arn: "arn:aws:s3:::oidc-s3-cognito-dev-uploads",
    bucket_name: "oidc-s3-cognito-dev-uploads",
    client_roles_table_arn: `arn:aws:dynamodb:eu-west-1:${account}:table/oidc-s3-dev-client-roles`,
    cognito_domain: `oidc-s3-dev-${account}`,
    cognito_issuer_url: `https://cognito-idp.eu-west-1.amazonaws.com/${foundation.cognito_user_pool_id}`,
    credential_vending_lambda_role_arn: `arn:aws:iam::${account}:role/oidc-s3-dev-cred-vending`,
    credential_vending_api_url: expect.stringMatching(/^https:\/\/.+\/credentials$/),
    environment: "dev",
  });
  const servers = await applied("servers");
  expect(servers.server_role_arns).toMatchObject({
    "2nd_site": `arn:aws:iam::${account}:role/oidc-s3-cognito-dev-2nd_site`,
  });
  expect(servers.server_configurations).toMatchObject({
    "2nd_site": { s3_path_prefix: "größe & <co> %{x}/it's/", allowed_scopes: ["write", "read", "delete", "list"] },
    "log-shipper": { cognito_client_id: expect.stringMatching(/^[a-z0-9]{10,}$/), allowed_scopes: ["write"] },
  });
  expect(Object.keys(servers.server_secrets as object).sort()).toEqual(["2nd_site", "data.sync.eu", "log-shipper"]);
});

it("ARNs that are put together from their parts are those that AWS gives", async () => {
  const { stdout } = await terraform(stackFolder("foundation"), ["show", "-json"]);
  const { resources } = JSON.parse(stdout).values.root_module as {
    resources: { address: string; values: { arn?: string } }[];
  };
  const arnOf = (address: string) => resources.find((resource) => resource.address === address)?.values.arn;
  expect(await applied("foundation")).toMatchObject({
    bucket_arn: arnOf("aws_s3_bucket.uploads"),
    client_roles_table_arn: arnOf("aws_dynamodb_table.client_roles"),
    credential_vending_lambda_role_arn: arnOf("aws_iam_role.credential_vending"),
  });
  const servers = JSON.parse((await terraform(stackFolder("servers"), ["show", "-json"])).stdout).values.root_module;
  const role = servers.resources.find(({ address }: { address: string }) => address === "aws_iam_role.server_2nd_site");
  expect((await applied("servers")).server_role_arns).toMatchObject({ "2nd_site": role.values.arn });
});

it("policies and table items arrive with the prefix as it was written", async () => {
  const iam = new IAMClient(cloud.clientConfig);
  const { PolicyDocument = "" } = await iam.send(
    new GetRolePolicyCommand({ RoleName: "oidc-s3-cognito-dev-2nd_site", PolicyName: "s3-object-access" }),
  );
  const [statement] = JSON.parse(decodeURIComponent(PolicyDocument)).Statement;
  expect(statement.Resource).toBe("arn:aws:s3:::oidc-s3-cognito-dev-uploads/größe & <co> %{x}/it's/*");
  const { Items = [] } = await new DynamoDBClient(cloud.clientConfig).send(
    new ScanCommand({ TableName: "oidc-s3-dev-client-roles" }),
  );
  expect(Items.map(({ server_name, s3_path_prefix }) => [server_name?.S, s3_path_prefix?.S]).sort()).toEqual([
    ["2nd_site", "größe & <co> %{x}/it's/"],
    ["data.sync.eu", "sync/"],
    ["log-shipper", "logs/"],
  ]);
});

it("a new server touches nothing but its own resources, and no output of another", async () => {
  const before = await applied("servers");
  await writeServers({ ...SERVERS, newcomer: 's3_path_prefix = "new/"\n s3_permissions = "full"' });
  const { output, plan: planned } = await diff("servers");
  expect(output).toContain("5 to add, 0 to change, 0 to destroy");
  expect(actions(planned)).toEqual(each(addressesOf("newcomer", true), "create"));
  await applyPlan(terraform, stackFolder("servers"));
  const after = await applied("servers");
  for (const name of ["server_configurations", "server_secrets", "server_role_arns"]) {
    expect(after[name]).toEqual({ ...(before[name] as object), newcomer: expect.anything() });
  }
});

it("another level and prefix of a server change that server alone, in place, and keep its id and secret", async () => {
  const before = await applied("servers");
  await writeServers({ ...SERVERS, newcomer: 's3_path_prefix = "newer/"\n s3_permissions = "read-write"' });
  const { plan: planned } = await quickPlan("servers");
  expect(actions(planned)).toEqual({
    "aws_cognito_user_pool_client.server_newcomer": "update",
    "aws_dynamodb_table_item.client_role_mapping_newcomer": "update",
    "aws_iam_role_policy.s3_list_newcomer": "delete",
    "aws_iam_role_policy.s3_objects_newcomer": "update",
  });
  await applyPlan(terraform, stackFolder("servers"));
  const after = await applied("servers");
  expect(after.server_secrets).toEqual(before.server_secrets);
  expect(await hasChanges(terraform, stackFolder("servers"))).toBe(false);
});

it("a server that is taken out takes nothing else with it", async () => {
  await writeServers(SERVERS);
  const { plan: planned } = await quickPlan("servers");
  expect(actions(planned)).toEqual(each(addressesOf("newcomer", false), "delete"));
  await applyPlan(terraform, stackFolder("servers"));
  expect(await hasChanges(terraform, stackFolder("servers"))).toBe(false);
});

it("`cdktf output` shows the outputs under the stack's name", async () => {
  const file = join(folder, "outputs.json");
  const { status, output } = await cloud.cdktf.run([
    "output",
    "foundation-dev",
    "--outputs-file",
    file,
    "--skip-synth",
  ]);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(JSON.parse(await readFile(file, "utf8"))["foundation-dev"]).toEqual(await applied("foundation"));
});

it("destroying both layers leaves nothing", async () => {
  for (const layer of ["servers", "foundation"] as const) {
    const { status, output } = await cloud.cdktf.run(["destroy", `${layer}-dev`, "--auto-approve"]);
    expect({ status, output }).toMatchObject({ status: 0 });
    expect((await terraform(stackFolder(layer), ["state", "list"])).stdout).toBe("");
  }
  const iam = new IAMClient(cloud.clientConfig);
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  expect(Roles.map(({ RoleName }) => RoleName)).toEqual([]);
});
