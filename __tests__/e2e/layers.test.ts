import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetRolePolicyCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import type { Cloud } from "../../sandbox/cloud/cloud";
import type { Layer } from "../../sandbox/terraform/layer-outputs";
import { Stacks, startDeployedCloud } from "./support/stacks";
import type { Terraform } from "./support/terraform";

/** Everything that the emulator supports is on, so that each resource meets the real provider; the names are awkward on purpose. */
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
let stacks: Stacks;
let terraform: Terraform;

const outputs = (layer: Layer) => stacks.outputs(layer);

async function writeServers(servers: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(servers).map(([name, body]) => `  "${name}" = {\n ${body}\n }\n`);
  const head = 'environment = "dev"\naws_region = "eu-west-1"\ntfstate_bucket = "oidc-s3-local-tfstate"\n';
  await writeFile(
    join(folder, "dev", "servers.tfvars"),
    `${head}servers = {\n${entries.join("")}}\ncommon_tags = { Owner = "platform" }\n`,
  );
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
  // The layers api and users have suites of their own.
  const filter = (path: string) => !/^(?:api|users)/.test(basename(path));
  await cp(join(__dirname, "../../environments/local"), join(folder, "dev"), { recursive: true, filter });
  await writeFile(join(folder, "dev", "foundation.tfvars"), FOUNDATION);
  await writeServers(SERVERS);
  cloud = await startDeployedCloud({ environments: folder, environment: "dev" });
  stacks = new Stacks(cloud);
  terraform = stacks.terraform;
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

it("after its deployment the foundation layer has nothing to change, and `cdktf diff` says so", async () => {
  const { status, output } = await cloud.cdktf.run(["diff", "foundation-dev"]);
  expect({ status, output }).toMatchObject({ status: 0 });
  expect(output).toMatch(/No changes\. Your infrastructure matches the configuration/);
  expect(output).not.toMatch(/Warning|Deprecat/i);
});

it("after its deployment the servers layer has nothing to change", async () => {
  const { stdout } = await terraform(stacks.folderOf("servers"), ["plan", "-parallelism=4"]);
  expect(stdout).toMatch(/No changes\. Your infrastructure matches the configuration/);
  expect(stdout).not.toMatch(/Warning|Deprecat/i);
});

it.each(["foundation", "servers"])("Terraform finds the %s layer valid", async (layer) => {
  const { stdout } = await terraform(stacks.folderOf(layer), ["validate"]);
  expect(stdout).toContain("The configuration is valid");
});

it("outputs have the documented names and values", async () => {
  const foundation = await outputs("foundation");
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
  const servers = await outputs("servers");
  expect(servers.server_role_arns).toMatchObject({
    "2nd_site": `arn:aws:iam::${account}:role/oidc-s3-cognito-dev-2nd_site`,
  });
  expect(servers.server_configurations).toMatchObject({
    "2nd_site": { s3_path_prefix: "größe & <co> %{x}/it's/", allowed_scopes: ["write", "read", "delete", "list"] },
    "log-shipper": { cognito_client_id: expect.stringMatching(/^[a-z0-9]{10,}$/), allowed_scopes: ["write"] },
  });
  expect(Object.keys(servers.server_secrets as object).sort()).toEqual(["2nd_site", "data.sync.eu", "log-shipper"]);
});

it("ARNs that are assembled from their parts are those that AWS gives", async () => {
  const arns = { ...(await arnsInState("foundation")), ...(await arnsInState("servers")) };
  expect(await outputs("foundation")).toMatchObject({
    bucket_arn: arns["aws_s3_bucket.uploads"],
    client_roles_table_arn: arns["aws_dynamodb_table.client_roles"],
    credential_vending_lambda_role_arn: arns["aws_iam_role.credential_vending"],
  });
  expect((await outputs("servers")).server_role_arns).toMatchObject({
    "2nd_site": arns["aws_iam_role.server_2nd_site"],
  });
});

/** The ARNs of a layer's resources by address, as AWS gave them. */
async function arnsInState(layer: Layer): Promise<Record<string, unknown>> {
  const { stdout } = await terraform(stacks.folderOf(layer), ["state", "pull"]);
  const { resources } = JSON.parse(stdout) as {
    resources: { type: string; name: string; instances: { attributes: { arn?: string } }[] }[];
  };
  return Object.fromEntries(
    resources.map(({ type, name, instances }) => [`${type}.${name}`, instances[0]?.attributes.arn]),
  );
}

it("policies and table items have the prefix as it was written", async () => {
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

it("a new server adds its own resources alone, and changes no other server's outputs", async () => {
  const before = await outputs("servers");
  await writeServers({ ...SERVERS, newcomer: 's3_path_prefix = "new/"\n s3_permissions = "full"' });
  expect(await stacks.apply("servers")).toEqual(each(addressesOf("newcomer", true), "create"));
  const after = await outputs("servers");
  for (const name of ["server_configurations", "server_secrets", "server_role_arns"]) {
    expect(after[name]).toEqual({ ...(before[name] as object), newcomer: expect.anything() });
  }
});

it("changing a server's level and prefix changes that server alone, in place, and keeps its id and secret", async () => {
  const before = await outputs("servers");
  await writeServers({ ...SERVERS, newcomer: 's3_path_prefix = "newer/"\n s3_permissions = "read-write"' });
  expect(await stacks.apply("servers")).toEqual({
    "aws_cognito_user_pool_client.server_newcomer": "update",
    "aws_dynamodb_table_item.client_role_mapping_newcomer": "update",
    "aws_iam_role_policy.s3_list_newcomer": "delete",
    "aws_iam_role_policy.s3_objects_newcomer": "update",
  });
  const after = await outputs("servers");
  expect(after.server_secrets).toEqual(before.server_secrets);
  expect(await stacks.hasChanges("servers")).toBe(false);
});

it("removing a server removes nothing else", async () => {
  await writeServers(SERVERS);
  expect(await stacks.apply("servers")).toEqual(each(addressesOf("newcomer", false), "delete"));
  expect(await stacks.hasChanges("servers")).toBe(false);
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
  expect(JSON.parse(await readFile(file, "utf8"))["foundation-dev"]).toEqual(await outputs("foundation"));
});

it("the foundation is not destroyed from under the servers", async () => {
  const { status, output } = await cloud.cdktf.run(["destroy", "foundation-dev", "--auto-approve"]);
  expect(output).toMatch(/dependant stacks are not included in the stacks to run: servers-dev/);
  expect(status).not.toBe(0);
});

it("destroying both layers leaves nothing", async () => {
  const { status, output } = await cloud.cdktf.run(["destroy", "foundation-dev", "servers-dev", "--auto-approve"]);
  expect({ status, output }).toMatchObject({ status: 0 });
  for (const layer of ["servers", "foundation"] as const) {
    expect((await terraform(stacks.folderOf(layer), ["state", "list"])).stdout).toBe("");
  }
  const iam = new IAMClient(cloud.clientConfig);
  const { Roles = [] } = await iam.send(new ListRolesCommand({}));
  expect(Roles.map(({ RoleName }) => RoleName)).toEqual([]);
});
