import { type AccessReport, accessReport } from "../../audit/access-report";
import { accessPage } from "../../audit/report/page";
import { accessJson, accessText } from "../../audit/report/text";
import { Deployment } from "../../audit/stacks/deployment";
import type { UploaderEnvironment } from "../../config";
import { configOf, foundationFile, serversFile, usersFiles } from "../config/support/load";
import { at, type StackDocument, synthesise, synthesiseUsers } from "../support/synthesise";

const SERVERS = serversFile(`
  "db-01" = { s3_path_prefix = "db/01/", s3_permissions = "full", max_session_duration = 900 }
  "db-02" = { s3_path_prefix = "db/02/", s3_permissions = "write", access_token_validity_minutes = 30 }
  "log"   = { s3_path_prefix = "logs/", s3_permissions = "read", shared_prefix = true }
  "web"   = { s3_path_prefix = "logs/web/", s3_permissions = "write", shared_prefix = true }`);
const USERS = `
access = { s3 = { permissions = "read-write" } }
groups = {
  admins = { precedence = 1, access = { s3 = { prefix = "shared/", user_specific = false, permissions = "full" } } }
  staff  = { precedence = 10, policy_file = "staff.json" }
}
identity_pool = { guests = true, guest_policy_file = "guests.json" }`;
const STAFF =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:GetObjectTagging"],"Resource":"arn:aws:s3:::staff/*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}';
const GUESTS =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::public/*"}}';

type Documents = Record<"foundation" | "servers" | "users", StackDocument>;

async function environment(
  users = USERS,
  staff = STAFF,
): Promise<{ config: UploaderEnvironment; documents: Documents }> {
  const config = await configOf({
    "servers.tfvars": SERVERS,
    ...usersFiles(users),
    "staff.json": staff,
    "guests.json": GUESTS,
  });
  const { foundation, servers } = synthesise(config);
  return { config, documents: { foundation, servers, users: synthesiseUsers(config).document } };
}

const deployment = (documents: Partial<Documents>) => new Deployment(new Map(Object.entries(documents)));

let config: UploaderEnvironment;
let documents: Documents;
let report: AccessReport;
beforeAll(async () => {
  ({ config, documents } = await environment());
  report = await accessReport(config, deployment(documents));
});

/** A report on stacks that somebody, or a fault of ours, has changed. */
async function differencesAfter(
  change: (copy: Documents) => void,
  of = { config, documents },
): Promise<readonly string[]> {
  const copy = structuredClone(of.documents);
  change(copy);
  return (await accessReport(of.config, deployment(copy))).differences;
}

/** Changes a policy's text; its words must be there. */
function replaceIn(document: StackDocument, address: string, attribute: string, from: string, to: string): void {
  const attributes = at(document, address);
  expect(attributes[attribute]).toContain(from);
  attributes[attribute] = String(attributes[attribute]).replaceAll(from, to);
}

it("tells of every place who may do what in it, for how long, and by which token", () => {
  expect(accessText(report).split("\n\nWho decides")[0]).toMatchInlineSnapshot(`
    "dev: as the configuration promises: 12 grants

    oidc-s3-cognito-dev-uploads ▶ the whole bucket
      operators, with fleet_operator_policy  list

    oidc-s3-cognito-dev-uploads ▶ db/01/
      server db-01                           write, read, delete, list
                                             credentials for 15 min, by access token of the app client oidc-s3-dev-db-01 (60 min, scopes write read delete list)

    oidc-s3-cognito-dev-uploads ▶ db/02/
      server db-02                           write
                                             credentials for 60 min, by access token of the app client oidc-s3-dev-db-02 (30 min, scopes write)

    oidc-s3-cognito-dev-uploads ▶ logs/
      server log                             read
                                             credentials for 60 min, by access token of the app client oidc-s3-dev-log (60 min, scopes read)

    oidc-s3-cognito-dev-uploads ▶ logs/web/
      server log                             read
                                             credentials for 60 min, by access token of the app client oidc-s3-dev-log (60 min, scopes read)
      server web                             write
                                             credentials for 60 min, by access token of the app client oidc-s3-dev-web (60 min, scopes write)

    oidc-s3-cognito-dev-uploads ▶ shared/
      group admins                           write, read, delete, list
                                             credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min)

    oidc-s3-cognito-dev-uploads ▶ users/<own identity id>/
      group admins                           write, read
                                             credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min)
      group staff                            write, read
                                             credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min)
      people whose groups have no role       write, read
                                             credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min)

    public ▶ the whole bucket
      guests, without signing in             read
                                             credentials for 60 min, by no token at all

    staff ▶ the whole bucket
      group staff                            read, s3:GetObjectTagging (only if IpAddress aws:SourceIp 192.0.2.0/24 (custom-access))
                                             credentials for 60 min, by ID token of the app client oidc-s3-users-dev-cli (60 min)"
  `);
});

it("tells who decides about servers, and what these stacks do not say", () => {
  expect(accessText(report).split("\n\nWho decides")[1]).toMatchInlineSnapshot(`
    " about what servers reach
      the vending function (role oidc-s3-dev-cred-vending) takes the roles of servers (sts:AssumeRole)
      the vending function (role oidc-s3-dev-cred-vending) notes when servers were seen (dynamodb:UpdateItem)
      operators, with fleet_operator_policy changes what the roles of servers allow (iam:PutRolePolicy, iam:DeleteRolePolicy)
      operators, with fleet_operator_policy switches servers off and on (dynamodb:PutItem)
      operators, with fleet_operator_policy has secrets of app clients (cognito-idp:AddUserPoolClientSecret)

    And, outside of these policies
      administrators of the AWS account, and of its organisation: every policy here is theirs to change
      whoever may write the state of the layer foundation, s3://oidc-s3-uploader-tfstate/dev/cognito-foundation/terraform.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever may write the state of the layer servers, s3://oidc-s3-uploader-tfstate/dev/cognito-servers/terraform.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever may write the state of the layer users, s3://oidc-s3-uploader-tfstate/dev/users.tfstate: the next deployment follows it; whoever may read it has the secrets in it
      whoever deploys, and whoever may change the files of the environment
      administrators of the user pool of people: they put whom they like into a group

    What else policies allow others than servers, as written
      the vending function (role oidc-s3-dev-cred-vending): dynamodb:UpdateItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-activity
      the vending function (role oidc-s3-dev-cred-vending): dynamodb:BatchGetItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-roles, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls
      the vending function (role oidc-s3-dev-cred-vending): sts:AssumeRole on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*, where StringEquals iam:ResourceTag/Environment dev
      the vending function (role oidc-s3-dev-cred-vending): sts:TagSession on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*
      operators, with fleet_operator_policy: dynamodb:Scan on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-roles, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls, arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-activity
      operators, with fleet_operator_policy: dynamodb:GetItem, dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:000000000000:table/oidc-s3-dev-client-controls
      operators, with fleet_operator_policy: iam:PutRolePolicy, iam:DeleteRolePolicy on arn:aws:iam::000000000000:role/oidc-s3-cognito-dev-*, where StringEquals iam:ResourceTag/Environment dev
      operators, with fleet_operator_policy: cognito-idp:AddUserPoolClientSecret, cognito-idp:ListUserPoolClientSecrets, cognito-idp:DeleteUserPoolClientSecret on arn:aws:cognito-idp:eu-west-1:000000000000:userpool/aws_cognito_user_pool.s3_uploader
      operators, with fleet_operator_policy: cognito-idp:DescribeUserPoolDomain on *

    Not in here, since these stacks do not say it
      what arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole allows the role oidc-s3-dev-cred-vending: its text is AWS's
      the policy of the bucket staff, which no layer makes
      the policy of the bucket public, which no layer makes
      what AWS denies guests besides: it narrows their sessions by a policy of its own"
  `);
});

type Change = (copy: Documents) => void;

it.each<[what: string, change: Change, differences: readonly string[]]>([
  [
    "a role's policy that is too wide",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "/db/02/*", "/db/*"),
    [
      "but for the session policy, server db-02 may write in oidc-s3-cognito-dev-uploads/db/: the configuration",
      "but for the session policy, server db-02 may write in oidc-s3-cognito-dev-uploads/db/01/: the configuration",
    ],
  ],
  [
    "an item of the table with another's prefix",
    ({ servers }) =>
      replaceIn(servers, "aws_dynamodb_table_item.client_role_mapping_db-02", "item", '"db/02/"', '"db/01/"'),
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, as the configuration promises"],
  ],
  [
    "both",
    ({ servers }) => {
      replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "/db/02/*", "/db/*");
      replaceIn(servers, "aws_dynamodb_table_item.client_role_mapping_db-02", "item", '"db/02/"', '"db/"');
    },
    [
      "server db-02 may write in oidc-s3-cognito-dev-uploads/db/: the configuration does not say so",
      "server db-02 may write in oidc-s3-cognito-dev-uploads/db/01/: the configuration does not say so",
    ],
  ],
  [
    "an item of the table with another's role",
    ({ servers }) =>
      replaceIn(
        servers,
        "aws_dynamodb_table_item.client_role_mapping_db-02",
        "item",
        "server_db-02.arn",
        "server_db-01.arn",
      ),
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, as the configuration promises"],
  ],
  [
    "a client without its scope",
    ({ servers }) => {
      at(servers, "aws_cognito_user_pool_client.server_db-02").allowed_oauth_scopes = [];
    },
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, as the configuration promises"],
  ],
  [
    "one action more",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", '"s3:PutObject"', '"s3:*"'),
    ["but for the session policy, server db-02 may read, delete, s3:"],
  ],
  [
    "a role that the function may not assume",
    ({ servers }) =>
      replaceIn(
        servers,
        "aws_iam_role.server_web",
        "assume_role_policy",
        "${data.terraform_remote_state.foundation.outputs.credential_vending_lambda_role_arn}",
        "arn:aws:iam::000000000000:role/another",
      ),
    [
      "server web: its role trusts arn:aws:iam::000000000000:role/another too",
      "server web: the vending function may not assume its role: no resource-based policy allows the sts:AssumeRole action",
      "server web may not write in oidc-s3-cognito-dev-uploads/logs/web/, as the configuration promises",
    ],
  ],
  [
    "a role that trusts others",
    ({ servers }) =>
      replaceIn(
        servers,
        "aws_iam_role.server_web",
        "assume_role_policy",
        '{"AWS":',
        '{"Service":"ec2.amazonaws.com","AWS":',
      ),
    ["server web: its role trusts ec2.amazonaws.com too"],
  ],
  [
    "credentials that live longer, and tokens too",
    ({ servers }) => {
      replaceIn(servers, "aws_dynamodb_table_item.client_role_mapping_db-01", "item", '"900"', '"1800"');
      at(servers, "aws_iam_role.server_db-01").max_session_duration = 3600;
      at(servers, "aws_cognito_user_pool_client.server_db-02").access_token_validity = 1440;
    },
    [
      "server db-01: credentials live 1800 s, and the configuration says 900",
      "server db-02: access tokens are valid 1440 min, and the configuration says 30",
    ],
  ],
  [
    "a bucket that answers without TLS",
    ({ foundation }) => replaceIn(foundation, "aws_s3_bucket_policy.uploads", "policy", '"false"', '"maybe"'),
    ["db/01/", "db/02/", "logs/"].map((prefix) => `reach oidc-s3-cognito-dev-uploads/${prefix} without TLS`),
  ],
  [
    "a Deny of a part of what is promised",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", '"Statement":[', DENIAL),
    [
      "server db-02 may write (except db/02/closed/*) in oidc-s3-cognito-dev-uploads/db/02/: the configuration promises all",
    ],
  ],
  [
    "a bucket policy that allows",
    ({ foundation }) => replaceIn(foundation, "aws_s3_bucket_policy.uploads", "policy", '"Deny"', '"Allow"'),
    ['the policy of the bucket oidc-s3-cognito-dev-uploads allows "*" s3:*'],
  ],
  [
    "a function that may write what it reads",
    ({ foundation }) =>
      replaceIn(
        foundation,
        "aws_iam_role_policy.credential_vending_dynamodb",
        "policy",
        '"dynamodb:BatchGetItem"',
        '["dynamodb:BatchGetItem","dynamodb:PutItem"]',
      ),
    [
      "the vending function (role oidc-s3-dev-cred-vending) says which app client has which role, by dynamodb:PutItem: not meant to",
      "the vending function (role oidc-s3-dev-cred-vending) switches servers off and on, by dynamodb:PutItem: not meant to",
    ],
  ],
  [
    "a function that reaches objects itself",
    ({ foundation }) =>
      replaceIn(foundation, "aws_iam_role_policy.credential_vending_activity", "policy", '"Statement":[', OBJECTS),
    [
      "the vending function (role oidc-s3-dev-cred-vending) may read in oidc-s3-cognito-dev-uploads/db/: the configuration does not say so",
      "the vending function (role oidc-s3-dev-cred-vending) may read in oidc-s3-cognito-dev-uploads/db/01/: the configuration does not say so",
    ],
  ],
  [
    "operators who may more",
    ({ foundation }) => {
      const output = foundation.output.fleet_operator_policy as { value: string };
      output.value = output.value.replace('"iam:PutRolePolicy"', '"iam:*"');
    },
    ["operators, with fleet_operator_policy changes what the roles of servers allow, by iam:AttachRolePolicy"],
  ],
  [
    "people who reach each other's folders",
    ({ users }) =>
      replaceIn(
        users,
        "aws_iam_role_policy.s3_users_authenticated",
        "policy",
        "$${cognito-identity.amazonaws.com:sub}",
        "*",
      ),
    [
      "people whose groups have no role may write, read in oidc-s3-cognito-dev-uploads/users/<identity id of anybody else>/",
    ],
  ],
  [
    "a role that guests may take",
    ({ users }) =>
      replaceIn(users, "aws_iam_role.group_admins", "assume_role_policy", '"authenticated"', '"unauthenticated"'),
    ["group admins: the role oidc-s3-users-dev-group-admins does not trust them"],
  ],
  [
    "a role of people that trusts everybody",
    ({ users }) =>
      replaceIn(users, "aws_iam_role.group_admins", "assume_role_policy", '"Federated":', '"AWS":"*","Federated":'),
    ["group admins: the role trusts * too"],
  ],
  [
    "a role of people that trusts every identity pool, and guests",
    ({ users }) => {
      const role = at(users, "aws_iam_role.group_admins");
      const trust = JSON.parse(role.assume_role_policy as string);
      delete trust.Statement[0].Condition;
      role.assume_role_policy = JSON.stringify(trust);
    },
    ["group admins: the role trusts every identity pool", "group admins: the role trusts guests too"],
  ],
  [
    "an attached policy",
    ({ servers }) => {
      servers.resource.aws_iam_role_policy_attachment = {
        admin: { role: "oidc-s3-cognito-dev-db-01", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      };
    },
    ["role oidc-s3-cognito-dev-db-01: arn:aws:iam::aws:policy/AdministratorAccess is attached"],
  ],
  [
    "policies within a role",
    ({ servers }) => {
      at(servers, "aws_iam_role.server_db-01").managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
    },
    ["role server_db-01: managed_policy_arns is set, and not read here"],
  ],
  [
    "a second client of a server",
    ({ servers }) => {
      const items = servers.resource.aws_dynamodb_table_item as Record<string, Record<string, unknown>>;
      const item = items["client_role_mapping_db-01"] ?? {};
      const clients = servers.resource.aws_cognito_user_pool_client as Record<string, Record<string, unknown>>;
      clients.rogue = { ...clients["server_db-01"] };
      items.rogue = { ...item, item: String(item.item).replace("server_db-01.id", "rogue.id") };
    },
    ["server db-01: more than one app client has its role"],
  ],
  [
    "a bucket that reads without TLS",
    ({ foundation }) => replaceIn(foundation, "aws_s3_bucket_policy.uploads", "policy", '"s3:*"', '"s3:PutObject"'),
    ["server db-01 may reach oidc-s3-cognito-dev-uploads/db/01/ without TLS"],
  ],
  [
    "a policy file that is not what is deployed",
    ({ users }) => replaceIn(users, "aws_iam_role_policy.custom_staff", "policy", "192.0.2.0/24", "0.0.0.0/0"),
    ["group staff: no policy of the role is the one that the configuration names"],
  ],
  [
    "a role that no entry of the configuration is about",
    ({ servers }) => {
      const { "server_db-01": role } = servers.resource.aws_iam_role as Record<string, Record<string, unknown>>;
      const { "s3_objects_db-01": policy } = servers.resource.aws_iam_role_policy as Record<
        string,
        Record<string, unknown>
      >;
      Object.assign(servers.resource.aws_iam_role as object, { stray: { ...role, name: "stray" } });
      Object.assign(servers.resource.aws_iam_role_policy as object, { stray: { ...policy, role: "stray" } });
    },
    ["role stray may write, read, delete in oidc-s3-cognito-dev-uploads/db/01/: the configuration does not say so"],
  ],
])("finds %s", async (_, change, expected) => {
  const found = await differencesAfter(change);
  for (const difference of expected) expect(found).toContainEqual(expect.stringContaining(difference));
});

const DENIAL =
  '"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::oidc-s3-cognito-dev-uploads/db/02/closed/*"},';
const OBJECTS =
  '"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::oidc-s3-cognito-dev-uploads/db/*"},';

it("asks every identity, in the basic flow, for every role", async () => {
  const users = `access = { s3 = { permissions = "read" } }
groups = { admins = { precedence = 1, session_duration = 43200, access = { s3 = { prefix = "shared/", user_specific = false, permissions = "read" } } } }
role_tag_guard = true`;
  const guarded = await environment(users);
  const text = accessText(await accessReport(guarded.config, deployment(guarded.documents)));
  expect(text).toContain("dev: as the configuration promises");
  expect(text).toContain("credentials for 720 min");
  expect(
    await differencesAfter(({ users: stack }) => {
      const role = at(stack, "aws_iam_role.group_admins");
      const trust = JSON.parse(role.assume_role_policy as string);
      delete trust.Statement[0].Condition.StringEquals["aws:RequestTag/preferred_role"];
      role.assume_role_policy = JSON.stringify(trust);
    }, guarded),
  ).toEqual(["people whose groups have no role may take the role of group admins too, by the basic flow"]);
});

it("refuses to guess what a reference stands for", async () => {
  const copy = structuredClone(documents);
  replaceIn(copy.servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "outputs.bucket_arn", "outputs.bucket_urn");
  await expect(accessReport(config, deployment(copy))).rejects.toThrow(
    "the layer servers refers to data.terraform_remote_state.foundation.outputs.bucket_urn, whose value is not known before a deployment",
  );
});

it("is for environments of the users layer alone, and for a bucket that is not made here", async () => {
  const { foundation, servers, ...others } = config;
  const alone = await accessReport({ ...others, backends: {} }, deployment({ users: documents.users }));
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
  expect(found.powers.filter(({ who }) => who.name === "staff")).toHaveLength(7);
  const lines = accessText(found).split("\n");
  const staff = lines.filter((line) => line.startsWith("  group staff  "));
  expect(staff.map((line) => /(\w+), s3:\w+(.*)/.exec(line)?.[1])).toEqual(["list", "list", "list"]);
  expect(accessText(found)).toContain("\nevery bucket ▶ the whole bucket\n");
  expect(staff[0]).toMatch(/s3:(Put|Delete|Bypass)\w+, .* and \d+ more S3 actions$/);
  expect(accessText(await accessReport(wide.config, deployment(wide.documents)))).not.toContain("staff switches");
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
    "changes what the roles of servers allow",
    "says which app client has which role",
    "has secrets of app clients",
  ]);
  expect(found.elsewhere.map(({ actions }) => actions)).toContain("s3:GetObject");
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
