import { configOf, faultsOf, foundationFile, serversFile } from "../config/support/load";
import { type StackDocument, synthesise } from "../support/synthesise";

const BOUNDARY = "arn:aws:iam::123456789012:policy/boundary";
const ROLE = "arn:aws:iam::123456789012:role/deploy";
const SETTINGS = `
common_tags = { CostCenter = "7", "a.b" = "c", Project = "theirs" }
permissions_boundary = "${BOUNDARY}"
allowed_account_ids = ["012345678901"]
profile = "deploy"
assume_role = {
  role_arn = "${ROLE}"
  external_id = "ours"
  tags = { CostCenter = "7" }
}
`;

async function synthesised(lines: string, servers = 'a = { s3_path_prefix = "a/" }') {
  const files = { "foundation.tfvars": foundationFile(lines), "servers.tfvars": serversFile(servers) };
  const { foundation, servers: second } = synthesise(await configOf(files));
  return { foundation, servers: second };
}
const provider = (document: StackDocument) => document.provider.aws?.[0];
const roles = (document: StackDocument) => Object.values(document.resource.aws_iam_role ?? {});

it("both layers have the account's provider settings and tags, and every role its boundary", async () => {
  const { foundation, servers } = await synthesised(SETTINGS);
  for (const document of [foundation, servers]) {
    expect(provider(document)).toMatchObject({
      profile: "deploy",
      allowed_account_ids: ["012345678901"],
      assume_role: [{ role_arn: ROLE, external_id: "ours", tags: { CostCenter: "7" } }],
      default_tags: [
        { tags: { CostCenter: "7", "a.b": "c", Project: "theirs", Environment: "dev", ManagedBy: "terraform" } },
      ],
    });
    expect(roles(document).length).toBeGreaterThan(0);
    for (const role of roles(document)) expect(role.permissions_boundary).toBe(BOUNDARY);
  }
});

it("every role is at the path, and whatever names a role by its ARN knows it", async () => {
  const { foundation, servers } = await synthesised('iam_path = "/team/uploads/"');
  for (const document of [foundation, servers]) {
    for (const role of roles(document)) expect(role.path).toBe("/team/uploads/");
  }
  const prefix = ":role/team/uploads/oidc-s3-cognito-dev-";
  const environment = foundation.resource.aws_lambda_function?.credential_vending?.environment as {
    variables: Record<string, string>;
  };
  expect(environment.variables.SERVER_ROLE_PREFIX?.endsWith(prefix)).toBe(true);
  expect(JSON.stringify(foundation.resource.aws_iam_role_policy?.credential_vending_sts)).toContain(`${prefix}*`);
  expect(foundation.output.credential_vending_lambda_role_arn?.value).toMatch(
    /:role\/team\/uploads\/oidc-s3-dev-cred-vending$/,
  );
  expect(JSON.stringify(servers.output.server_role_arns?.value)).toContain(`${prefix}a`);
});

it("without them nothing of the kind is written", async () => {
  const { foundation, servers } = await synthesised("");
  for (const document of [foundation, servers]) {
    expect(Object.keys(provider(document) ?? {}).sort()).toEqual(["default_tags", "region"]);
    for (const role of roles(document)) expect(role).not.toHaveProperty("permissions_boundary");
    for (const role of roles(document)) expect(role).not.toHaveProperty("path");
  }
});

it.each([
  ['allowed_account_ids = ["123"]', "allowed_account_ids", /"123", which is no account's id/],
  ["allowed_account_ids = []", "allowed_account_ids", /is empty/],
  ['permissions_boundary = "boundary"', "permissions_boundary", /not the ARN of an IAM policy/],
  ['iam_path = "uploads"', "iam_path", /not a path/],
  ['iam_path = "/*/"', "iam_path", /not a path/],
  ['assume_role = { role_arn = "deploy" }', "assume_role.role_arn", /not the ARN of an IAM role/],
  [`assume_role = { role_arn = "${ROLE}", rolearn = "x" }`, "assume_role.rolearn", /not a key/],
  ["assume_role = {}", "assume_role.role_arn", /is missing/],
  ['common_tags = { "aws:x" = "y" }', 'common_tags["aws:x"]', /begins with aws:/],
  ['common_tags = { project = "x" }', 'common_tags["project"]', /differs from the tag Project/],
])("%s is refused", async (lines, key, message) => {
  expect(await faultsOf({ "foundation.tfvars": foundationFile(lines) })).toMatchObject([
    { line: 3, key, message: expect.stringMatching(message) },
  ]);
});

it("a server's tags and the common ones of both layers are counted and compared together", async () => {
  const files = {
    "foundation.tfvars": foundationFile('common_tags = { CostCenter = "7" }'),
    "servers.tfvars": serversFile('a = { s3_path_prefix = "a/", tags = { costcenter = "8" } }'),
  };
  expect(await faultsOf(files)).toMatchObject([
    { key: 'servers["a"].tags["costcenter"]', message: expect.stringContaining("CostCenter") },
  ]);
});
