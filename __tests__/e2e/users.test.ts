import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAYERS } from "../../layers";
import { planLayer } from "../../plan/plan-environment";
import { type Cloud, startCloud } from "../../sandbox/cloud/cloud";
import { PROJECT_FOLDER } from "../../sandbox/terraform/cdktf";
import { teachEmulator } from "./support/capable-emulator";
import { makeByHand } from "./support/people-by-hand";
import { Stacks } from "./support/stacks";
import { apply, plan } from "./support/terraform";

/** Every kind of resource that the layer has. */
const USERS = `environment = "local"
aws_region = "eu-west-1"
domain = { prefix = "oidc-s3-people-local", managed_login_version = 2 }
required_attributes = ["email", "given_name"]
custom_attributes = { team = { max = 20 }, desk = { type = "number", min = 1 } }
self_sign_up = true
resource_servers = { api = { identifier = "API", scopes = { get = "Read" } } }
service_clients = { job = { scopes = { "API/get" = true } } }
access = { s3 = { permissions = "full" }, dynamodb = { table = "notes" } }
groups = {
  admins = { precedence = 1, description = "Run it", access = { s3 = { prefix = "shared/", user_specific = false, permissions = "read" }, lambda = ["one"] } }
  staff  = { precedence = 10 }
}
users = {
  "ann@example.com" = { groups = ["admins", "staff"], attributes = { given_name = "Ann", team = "blue" } }
}
`;

let folder: string;
let cloud: Cloud;
let stacks: Stacks;

const file = (environment = "local") => join(folder, environment, "users.tfvars");
/** What a deployment of the file, with one place of it changed, would do. */
async function planWith(place: string, replacement: string) {
  if (!USERS.includes(place)) throw new Error(`users.tfvars has no ${place}`);
  await writeFile(file(), USERS.replace(place, replacement));
  return stacks.plan("users");
}

beforeAll(async () => {
  teachEmulator();
  folder = await mkdtemp(join(tmpdir(), "oidc-s3-users-"));
  await cp(join(PROJECT_FOLDER, "environments/local"), join(folder, "local"), { recursive: true });
  await mkdir(join(folder, "team"));
  for (const name of ["local", "team"]) {
    const backend = `bucket = "oidc-s3-local-tfstate"\nkey = "${name}/users.tfstate"\nregion = "eu-west-1"\nuse_path_style = true\n`;
    await writeFile(join(folder, name, "users-backend.hcl"), backend);
  }
  await writeFile(file(), USERS);
  await writeFile(file("team"), TEAM);
  cloud = await startCloud({ environments: folder, deploy: [] });
  stacks = new Stacks(cloud);
  await stacks.apply("users");
});

afterAll(async () => {
  await cloud?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

it("by itself it is deployed, and has nothing to change afterwards", async () => {
  expect(await stacks.plan("users")).toEqual({});
  const { user_configuration, role_arns } = await stacks.outputs("users");
  expect(user_configuration).toMatchObject({
    user_pool_id: expect.stringMatching(/^eu-west-1_/),
    identity_pool_id: expect.stringMatching(/^eu-west-1:/),
    domain: "https://oidc-s3-people-local.auth.eu-west-1.amazoncognito.com",
    long_sessions: {},
  });
  expect(Object.keys(role_arns as object)).toEqual(["admins", "authenticated"]);
});

it("a user, a membership and a group come by themselves", async () => {
  expect(
    await planWith(
      "users = {",
      'users = {\n  "bob@example.com" = { groups = ["staff"] , attributes = { given_name = "Bob" } }',
    ),
  ).toEqual({
    "aws_cognito_user.bob_example_com": "create",
    "aws_cognito_user_in_group.bob_example_com_staff": "create",
  });
  expect(await planWith("groups = {", "groups = {\n  more = { precedence = 20 }")).toEqual({
    "aws_cognito_user_group.more": "create",
  });
});

it("the sign-in changes in place, and the plan says what is weaker", async () => {
  const weaker = USERS.replace("self_sign_up = true", 'mfa = "off"\nself_sign_up = true').replace(
    'precedence = 1, description = "Run it"',
    "precedence = 2",
  );
  await writeFile(file(), weaker.replace('permissions = "full" }, dynamodb', 'permissions = "read" }, dynamodb'));
  await stacks.synthesise();
  const layer = LAYERS.find(({ name }) => name === "users");
  if (layer === undefined) throw new Error("there is no users layer");
  const terraform = cloud.env.TERRAFORM_BINARY_NAME || "terraform";
  const options = { layer, folder: stacks.folderOf("users"), terraform, color: false };
  const { report } = await stacks.withProvider("users", (env) => planLayer({ ...options, env }));
  if (report.status !== "planned") throw new Error(report.reason);
  const { counts, shared, subjects = [] } = report.summary;
  expect(counts).toMatchObject({ added: 0, replaced: 0, removed: 0 });
  const findings = [...shared, ...subjects].flatMap((each) => each.findings.map(({ text, mark }) => [text, mark]));
  expect(findings).toEqual(
    expect.arrayContaining([
      ["a second factor is off instead of optional", "widens-access"],
      ["its precedence is 2 instead of 1: people who are in other groups too may get another role", "widens-access"],
      ["may no longer write, delete and list users/<own identity>/", undefined],
    ]),
  );
});

it("long sessions are switched on in place, and off again", async () => {
  const long = USERS.replace("precedence = 1,", "precedence = 1, session_duration = 43200,");
  await writeFile(file(), `${long}role_tag_guard = true\n`);
  const steps = await stacks.apply("users");
  expect(steps).toMatchObject({
    "aws_cognito_identity_pool.users": "update",
    "aws_cognito_identity_pool_provider_principal_tag.users": "update",
    "aws_iam_role.group_admins": "update",
    "aws_iam_role.users_authenticated": "update",
  });
  expect(Object.values(steps)).not.toContain("replace");
  expect(await stacks.plan("users")).toEqual({});
  await writeFile(file(), USERS);
  expect(Object.values(await stacks.apply("users"))).not.toContain("replace");
  expect(await stacks.plan("users")).toEqual({});
});

/** What was made by hand, in the layer's words. */
const TEAM = `environment         = "team"
aws_region          = "eu-west-1"
project_name        = "my-app"
user_pool_name      = "MyApp-UserPool"
client_name         = "MyApp-UserAuth"
required_attributes = ["email", "given_name"]
custom_attributes   = { tenant = {} }
self_sign_up        = true
auth_flows          = ["password", "refresh"]
domain              = { prefix = "my-app-pages" }
resource_servers    = { api = { identifier = "API", scopes = { get = "Read" } } }
groups = {
  admin = { precedence = 1, description = "Administrator group with full access" }
  user  = { precedence = 10, description = "Standard user group" }
}
users         = { "admin@example.com" = { groups = ["admin"], attributes = { given_name = "Ada" } } }
identity_pool = { name = "MyAppIdentityPool" }
access        = { s3 = { bucket = "my-bucket", permissions = "read-write" } }
`;

it("what was made by hand is taken over by ids, with nothing replaced or destroyed", async () => {
  const made = await makeByHand(cloud);
  const team = new Stacks(cloud, "team");
  await team.synthesise();
  const ours = team.folderOf("users");
  await team.terraform(ours, ["init"]);
  await writeFile(join(ours, "imports.tf"), made.imports);
  const steps = await apply(team.terraform, ours);
  expect(Object.entries(steps).filter(([, step]) => /replace|delete/.test(step))).toEqual([]);
  const created = Object.keys(steps).filter((address) => steps[address] === "create");
  expect(created).toEqual([
    "aws_cognito_identity_pool_provider_principal_tag.users",
    "aws_cognito_identity_pool_roles_attachment.users",
    "aws_cognito_user_in_group.admin_example_com_admin",
    "aws_iam_role.users_authenticated",
    "aws_iam_role_policy.s3_users_authenticated",
  ]);
  await rm(join(ours, "imports.tf"));
  expect(await plan(team.terraform, ours)).toEqual({});
  expect((await team.outputs("users")).user_configuration).toMatchObject(made.ids);
  // It was left alone, and goes on working.
  expect(await made.serviceNow()).toEqual(made.service);
});
