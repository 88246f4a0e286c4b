import { type AccessReport, accessReport } from "../../audit/access-report";
import { accessPage } from "../../audit/report/page";
import { accessJson, accessText } from "../../audit/report/text";
import { configOf, foundationFile, usersFiles } from "../config/support/load";
import { synthesise, synthesiseUsers } from "../support/synthesise";
import { deployment, environment, replaceIn, SERVERS, type Synthesised, USERS } from "./support/environment";

let synthesised: Synthesised;
let report: AccessReport;
beforeAll(async () => {
  synthesised = await environment();
  report = await accessReport(synthesised.config, deployment(synthesised.documents));
});

it("tells of every place who may do what in it, for how long, and by which token", () => {
  expect(accessText(report).split("\n\nWho decides what")[0]).toMatchInlineSnapshot(`
    "dev: matches the configuration: 12 grants

    oidc-s3-cognito-dev-uploads ▶ the whole bucket
      operators (with fleet_operator_policy)  list

    oidc-s3-cognito-dev-uploads ▶ db/01/
      server db-01                            write, read, delete, list
                                              credentials for 15 min, by access token of the app client oidc-s3-dev-db-01 (60 min, scopes write read delete list)

    oidc-s3-cognito-dev-uploads ▶ db/02/
      server db-02                            write
                                              credentials for 60 min, by access token of the app client oidc-s3-dev-db-02 (30 min, scopes write)

    oidc-s3-cognito-dev-uploads ▶ logs/
      server log                              read
                                              credentials for 60 min, by access token of the app client oidc-s3-dev-log (60 min, scopes read)

    oidc-s3-cognito-dev-uploads ▶ logs/web/
      server log                              read
                                              credentials for 60 min, by access token of the app client oidc-s3-dev-log (60 min, scopes read)
      server web                              write
                                              credentials for 60 min, by access token of the app client oidc-s3-dev-web (60 min, scopes write)

    oidc-s3-cognito-dev-uploads ▶ shared/
      group admins                            write, read, delete, list
                                              credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min, renewable for 30 days)

    oidc-s3-cognito-dev-uploads ▶ users/<own identity id>/
      group admins                            write, read
                                              credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min, renewable for 30 days)
      group staff                             write, read
                                              credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min, renewable for 30 days)
      signed-in users without a group role    write, read
                                              credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min, renewable for 30 days)

    public ▶ the whole bucket
      guests (not signed in)                  read
                                              credentials for 60 min, no token needed

    staff ▶ the whole bucket
      group staff                             read, s3:GetObjectTagging (only if IpAddress aws:SourceIp 192.0.2.0/24 (custom-access))
                                              credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min, renewable for 30 days)"
  `);
});

it("tells who decides about servers, and what these stacks do not say", () => {
  expect(accessText(report).split("\n\nWho decides what")[1]).toMatchInlineSnapshot(`
    " servers and people reach
      the vending function (role oidc-s3-dev-cred-vending) can assume the roles of servers (sts:AssumeRole)
      the vending function (role oidc-s3-dev-cred-vending) can note when servers were seen (dynamodb:UpdateItem)
      operators (with fleet_operator_policy) can change what the roles of servers allow (iam:PutRolePolicy, iam:DeleteRolePolicy)
      operators (with fleet_operator_policy) can switch servers off and on (dynamodb:PutItem)
      operators (with fleet_operator_policy) can obtain or create secrets of app clients (cognito-idp:AddUserPoolClientSecret, cognito-idp:ListUserPoolClientSecrets)

    Who else decides, outside of these policies
      administrators of the AWS account, and of its organisation: every policy here is theirs to change
      whoever may write the state of the layer foundation, s3://oidc-s3-uploader-tfstate/dev/cognito-foundation/terraform.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever may write the state of the layer servers, s3://oidc-s3-uploader-tfstate/dev/cognito-servers/terraform.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever may write the state of the layer users, s3://oidc-s3-uploader-tfstate/dev/users.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever deploys, and whoever may change the files of the environment
      administrators of the user pool of people: they put whom they like into a group

    Other permissions, of others than servers, verbatim
      group admins: dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:Query on arn:aws:dynamodb:eu-west-1:000000000000:table/notes, if ForAllValues:StringEquals dynamodb:LeadingKeys \${cognito-identity.amazonaws.com:sub}, if Null dynamodb:LeadingKeys false
      group admins: lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:reports
      the vending function (role oidc-s3-dev-cred-vending): dynamodb:UpdateItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-activity
      the vending function (role oidc-s3-dev-cred-vending): dynamodb:BatchGetItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-roles, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls
      the vending function (role oidc-s3-dev-cred-vending): sts:AssumeRole on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*, if StringEquals iam:ResourceTag/Environment dev
      the vending function (role oidc-s3-dev-cred-vending): sts:TagSession on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*
      operators (with fleet_operator_policy): dynamodb:Scan on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-roles, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-activity
      operators (with fleet_operator_policy): dynamodb:GetItem, dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls
      operators (with fleet_operator_policy): iam:PutRolePolicy, iam:DeleteRolePolicy on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*, if StringEquals iam:ResourceTag/Environment dev
      operators (with fleet_operator_policy): cognito-idp:AddUserPoolClientSecret, cognito-idp:ListUserPoolClientSecrets, cognito-idp:DeleteUserPoolClientSecret on arn:aws:cognito-idp:eu-west-1:000000000000:userpool/aws_cognito_user_pool.s3_uploader
      operators (with fleet_operator_policy): cognito-idp:DescribeUserPoolDomain on *

    Not covered, because these stacks do not define it
      what arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole allows the role oidc-s3-dev-cred-vending: its text is AWS's
      the policy of the bucket staff, which no layer makes
      the policy of the bucket public, which no layer makes
      what AWS denies guests besides: it narrows their sessions by a policy of its own"
  `);
});

it("refuses to guess what a reference stands for", async () => {
  const copy = structuredClone(synthesised.documents);
  replaceIn(copy.servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "outputs.bucket_arn", "outputs.bucket_urn");
  await expect(accessReport(synthesised.config, deployment(copy))).rejects.toThrow(
    "the layer servers refers to data.terraform_remote_state.foundation.outputs.bucket_urn, whose value is not known before a deployment",
  );
});

it("is for environments of the users layer alone, and for a bucket that is not made here", async () => {
  const { foundation, servers, ...others } = synthesised.config;
  const alone = await accessReport({ ...others, backends: {} }, deployment({ users: synthesised.documents.users }));
  expect(alone.differences).toEqual([]);
  expect(alone.reach.map(({ who }) => who.kind)).not.toContain("server");
  const existing = await configOf({
    "foundation.tfvars": foundationFile('create_s3_bucket = false\nexisting_bucket_name = "kept-by-others"'),
    "servers.tfvars": SERVERS,
  });
  const { foundation: first, servers: second } = synthesise(existing);
  const report = await accessReport(existing, deployment({ foundation: first, servers: second }));
  expect(report.differences).toEqual([]);
  expect(new Set(report.reach.map(({ bucket }) => bucket))).toEqual(new Set(["kept-by-others"]));
  expect(report.unread).toContain("the policy of the bucket kept-by-others, which no layer makes");
});

it("tells programs the same", () => {
  const json = JSON.parse(accessJson(report));
  const rows = json.reach.filter(({ prefix }: { prefix: string }) => prefix === "db/02/");
  expect(rows.map(({ who }: { who: { kind: string } }) => who.kind)).toEqual(["operators", "server"]);
  expect(rows.slice(1)).toEqual([
    {
      bucket: "oidc-s3-cognito-dev-uploads",
      prefix: "db/02/",
      identity: null,
      who: { kind: "server", name: "db-02" },
      may: ["write"],
      other_actions: [],
      limits: [],
      credentials_seconds: 3600,
      token: { kind: "access token", client: "oidc-s3-dev-db-02", minutes: 30, scopes: ["write"] },
      without_tls: false,
    },
  ]);
  const limited = json.reach.find(({ bucket }: { bucket: string }) => bucket === "staff");
  expect(limited.limits).toContainEqual({
    action: "read",
    only: [],
    except: [],
    only_if: ["IpAddress aws:SourceIp 192.0.2.0/24 (custom-access)"],
    denied_if: [],
  });
  const own = json.reach.find(({ identity }: { identity: string | null }) => identity === "own");
  expect(own.prefix).toBe("users/<own identity id>/");
  expect(json.differences).toEqual([]);
});

it("takes what a policy of users allows for promised, names the most telling actions, and says none of it twice", async () => {
  const [open, wide] = [
    await environment(USERS, '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'),
    await environment(
      USERS,
      '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}}',
    ),
  ];
  const found = await accessReport(open.config, deployment(open.documents));
  expect(found.differences).toEqual([]);
  expect(found.powers.filter(({ who }) => who.name === "staff")).toHaveLength(12);
  const lines = accessText(found).split("\n");
  const staff = lines.filter((line) => line.startsWith("  group staff  "));
  expect(staff.map((line) => /(\w+), s3:\w+(.*)/.exec(line)?.[1])).toEqual(["list", "list", "list"]);
  expect(accessText(found)).toContain("\nevery bucket ▶ the whole bucket\n");
  expect(staff[0]).toMatch(/s3:(Put|Delete|Bypass)\w+, .* and \d+ more S3 actions$/);
  expect(accessText(await accessReport(wide.config, deployment(wide.documents)))).not.toContain("staff can");
});

it("takes an account and a pool that users wrote for ours, and names S3 that is no bucket's", async () => {
  const of = (name: string) => `arn:aws:${name}`;
  const Statement = [
    ["dynamodb:PartiQLUpdate", of("dynamodb:eu-west-1:123456789012:table/oidc-s3-dev-client-roles")],
    ["iam:PutRolePolicy", of("iam::123456789012:role/oidc-s3-cognito-dev-db-01")],
    ["cognito-idp:DescribeUserPoolClient", of("cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123")],
    ["s3:GetObject", of("s3:eu-west-1:123456789012:accesspoint/x/object/*")],
  ].map(([Action, Resource]) => ({ Effect: "Allow", Action, Resource }));
  const open = await environment(USERS, JSON.stringify({ Version: "2012-10-17", Statement }));
  const found = await accessReport(open.config, deployment(open.documents));
  expect(found.powers.filter(({ who }) => who.name === "staff").map(({ does }) => does)).toEqual([
    "change what the roles of servers allow",
    "change which app client has which role",
    "obtain or create secrets of app clients",
  ]);
  expect(found.elsewhere.map(({ statement }) => statement.Action)).toContainEqual(["s3:GetObject"]);
});

it("asks about the policy of a bucket that was there before", async () => {
  const Statement = [{ Effect: "Allow", Action: "s3:PutBucketPolicy", Resource: "arn:aws:s3:::kept-by-others" }];
  const existing = await configOf({
    "foundation.tfvars": foundationFile('create_s3_bucket = false\nexisting_bucket_name = "kept-by-others"'),
    ...usersFiles('groups = { staff = { precedence = 1, policy_file = "staff.json" } }'),
    "staff.json": JSON.stringify({ Version: "2012-10-17", Statement }),
  });
  const { foundation, servers } = synthesise(existing);
  const users = synthesiseUsers(existing).document;
  const { powers } = await accessReport(existing, deployment({ foundation, servers, users }));
  const staff = powers.filter(({ who }) => who.name === "staff");
  expect(staff.map(({ does }) => does)).toEqual(["change who may reach the bucket at all"]);
});

it("is a page that escapes what users wrote", async () => {
  const evil = `"><script>alert(1)</script>&`;
  const page = await accessPage(
    { ...report, environment: evil, differences: [evil], reach: report.reach.map((row) => ({ ...row, prefix: evil })) },
    new Date("2026-11-27T08:00:00Z"),
  );
  expect(page.match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/https?:|src=|href=/);
  expect(page).toContain("as synthesised on 2026-11-27 08:00 UTC");
});

it("tells what a policy_file takes away, and who may sign up", async () => {
  const statements = [
    { Effect: "Deny", Action: "s3:GetObject", Resource: "*" },
    { Effect: "Deny", Action: "s3:PutObject", Resource: "arn:aws:s3:::*/*.exe" },
  ];
  const users = USERS.replace("access =", "self_sign_up = true\naccess =");
  const denied = await environment(users, JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  const found = await accessReport(denied.config, deployment(denied.documents));
  expect(found.differences).toEqual([]);
  const place = "oidc-s3-cognito-dev-uploads/users/<own identity id>/";
  expect(found.takenAway).toEqual([
    `group staff may not read in ${place}, though the configuration grants it`,
    `group staff may write (except *.exe) in ${place}, though the configuration grants all of it`,
  ]);
  expect(accessText(found)).toContain(
    "What a policy_file takes away from what access grants\n  group staff may not read",
  );
  expect(found.outside).toContain("anybody, by signing up in the user pool oidc-s3-users-dev");
});

it("names a policy that IAM would reject", async () => {
  const copy = structuredClone(synthesised.documents);
  replaceIn(copy.servers, "aws_iam_role_policy.s3_objects_db-02", "policy", '"Allow"', '"allow"');
  await expect(accessReport(synthesised.config, deployment(copy))).rejects.toThrow(
    /^the policy [\w-]+ has the effect "allow": IAM knows Allow and Deny$/,
  );
});

const ROLE = "arn:aws:iam::123456789012:role";
const POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbCdEf123";

it.each([
  ["sts:AssumeRole", `${ROLE}/oidc-s3-cognito-dev-db-01`, []],
  [
    "iam:DeleteRolePermissionsBoundary",
    `${ROLE}/*`,
    [
      "change what the roles of servers allow",
      "change what the vending function may do",
      "change what the roles of people allow",
    ],
  ],
  ["iam:PassRole", "*", ["give the vending function's role to a service"]],
  [
    "dynamodb:RestoreTableFromBackup",
    "*",
    ["change which app client has which role", "switch servers off and on", "note when servers were seen"],
  ],
  ["lambda:AddPermission", "*", ["change functions, or who may call them"]],
  ["s3:PutBucketPolicy", "*", ["change who may reach the bucket at all"]],
  ["cognito-idp:ListUserPoolClientSecrets", POOL, ["obtain or create secrets of app clients"]],
  ["cognito-idp:AdminAddUserToGroup", POOL, ["sign in as people, or put them into groups"]],
  [
    "cognito-idp:UpdateUserPoolClient",
    POOL,
    ["obtain or create secrets of app clients", "sign in as people, or put them into groups"],
  ],
  ["cognito-identity:SetIdentityPoolRoles", "*", ["change which roles people get"]],
  [
    "dynamodb:PutItem",
    "arn:aws:dynamodb:*:123456789012:table/oidc-s3-dev-client-roles",
    ["change which app client has which role"],
  ],
  ["lambda:UpdateFunctionCode", "arn:aws:lambda:*:123456789012:function:*", ["change functions, or who may call them"]],
  ["cognito-idp:AdminConfirmSignUp", POOL.replace("AbCdEf123", "*"), ["sign in as people, or put them into groups"]],
  [
    "cognito-identity:UpdateIdentityPool",
    "arn:aws:cognito-identity:eu-west-1:123456789012:identitypool/eu-west-1:0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
    ["change which roles people get"],
  ],
])("tells what somebody can do with %s on %s", async (Action, Resource, powers) => {
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource }] });
  const { config, documents } = await environment(USERS, policy);
  const found = await accessReport(config, deployment(documents));
  expect(found.powers.filter(({ who }) => who.name === "staff").map(({ does }) => does)).toEqual(powers);
});
