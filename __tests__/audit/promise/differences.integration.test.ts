import { accessReport } from "../../../audit/access-report";
import { accessText } from "../../../audit/report/text";
import { at } from "../../support/synthesise";
import {
  type Documents,
  deployment,
  differencesAfter,
  environment,
  replaceIn,
  type Synthesised,
} from "../support/environment";

let synthesised: Synthesised;
beforeAll(async () => {
  synthesised = await environment();
});

type Change = (copy: Documents) => void;

it.each<[what: string, change: Change, differences: readonly string[]]>([
  [
    "a role's policy that is too wide",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "/db/02/*", "/db/*"),
    [
      "without the session policy, server db-02 may write in oidc-s3-cognito-dev-uploads/db/, which the configuration does not grant",
      "without the session policy, server db-02 may write in oidc-s3-cognito-dev-uploads/db/01/, which the configuration does not grant",
    ],
  ],
  [
    "an item of the table with another's prefix",
    ({ servers }) =>
      replaceIn(servers, "aws_dynamodb_table_item.client_role_mapping_db-02", "item", '"db/02/"', '"db/01/"'),
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, though the configuration grants it"],
  ],
  [
    "both",
    ({ servers }) => {
      replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", "/db/02/*", "/db/*");
      replaceIn(servers, "aws_dynamodb_table_item.client_role_mapping_db-02", "item", '"db/02/"', '"db/"');
    },
    [
      "server db-02 may write in oidc-s3-cognito-dev-uploads/db/, which the configuration does not grant",
      "server db-02 may write in oidc-s3-cognito-dev-uploads/db/01/, which the configuration does not grant",
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
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, though the configuration grants it"],
  ],
  [
    "a client without its scope",
    ({ servers }) => {
      at(servers, "aws_cognito_user_pool_client.server_db-02").allowed_oauth_scopes = [];
    },
    ["server db-02 may not write in oidc-s3-cognito-dev-uploads/db/02/, though the configuration grants it"],
  ],
  [
    "one action more",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", '"s3:PutObject"', '"s3:*"'),
    ["without the session policy, server db-02 may read, delete, s3:"],
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
      "server web may not write in oidc-s3-cognito-dev-uploads/logs/web/, though the configuration grants it",
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
      "server db-01: credentials live 1800 s; the configuration says 900",
      "server db-02: access tokens are valid 1440 min; the configuration says 30 min",
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
      "server db-02 may write (except db/02/closed/*) in oidc-s3-cognito-dev-uploads/db/02/, though the configuration grants all",
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
      "the vending function (role oidc-s3-dev-cred-vending) can change which app client has which role (dynamodb:PutItem), which is not intended",
      "the vending function (role oidc-s3-dev-cred-vending) can switch servers off and on (dynamodb:PutItem), which is not intended",
    ],
  ],
  [
    "a function that reaches objects itself",
    ({ foundation }) =>
      replaceIn(foundation, "aws_iam_role_policy.credential_vending_activity", "policy", '"Statement":[', OBJECTS),
    [
      "the vending function (role oidc-s3-dev-cred-vending) may read in oidc-s3-cognito-dev-uploads/db/, which the configuration does not grant",
      "the vending function (role oidc-s3-dev-cred-vending) may read in oidc-s3-cognito-dev-uploads/db/01/, which the configuration does not grant",
    ],
  ],
  [
    "operators who may more",
    ({ foundation }) => {
      const output = foundation.output.fleet_operator_policy as { value: string };
      output.value = output.value.replace('"iam:PutRolePolicy"', '"iam:*"');
    },
    ["operators (with fleet_operator_policy) can change what the roles of servers allow (iam:AttachRolePolicy"],
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
      "signed-in users without a group role may write, read in oidc-s3-cognito-dev-uploads/users/<identity id of anybody else>/",
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
    ["role oidc-s3-cognito-dev-db-01: the policy arn:aws:iam::aws:policy/AdministratorAccess is attached, which"],
  ],
  [
    "policies within a role",
    ({ servers }) => {
      at(servers, "aws_iam_role.server_db-01").managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"];
    },
    ["role server_db-01: managed_policy_arns is set, which this report does not read"],
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
    "guests who are let in, and others whom the identity pool believes",
    ({ users }) => {
      Object.assign(at(users, "aws_cognito_identity_pool.users"), {
        cognito_identity_providers: [
          { client_id: "${aws_cognito_user_pool_client.cli.id}", server_side_token_check: false },
          { client_id: "another", server_side_token_check: true },
        ],
        supported_login_providers: { "graph.facebook.com": "7346241598935552" },
      });
      Object.assign(at(users, "aws_cognito_identity_pool_roles_attachment.users"), {
        role_mapping: [{ type: "Rules", mapping_rule: [{ claim: "custom:level", value: "9" }] }],
      });
    },
    [
      "identity pool oidc-s3-users-dev: believes tokens of people who were signed out or disabled (oidc-s3-users-dev-cli)",
      "identity pool oidc-s3-users-dev: believes tokens of the app client another too",
      'identity pool oidc-s3-users-dev: believes others: supported_login_providers is {"graph.facebook.com"',
      'roles of people are chosen by rules, not by groups: [{"claim":"custom:level"',
    ],
  ],
  [
    "app clients that give tokens in other ways",
    ({ servers, users }) => {
      Object.assign(at(servers, "aws_cognito_user_pool_client.server_db-01"), {
        allowed_oauth_flows: ["client_credentials", "implicit"],
        explicit_auth_flows: ["ALLOW_USER_PASSWORD_AUTH"],
        generate_secret: false,
      });
      at(users, "aws_cognito_user_pool_client.cli").explicit_auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];
    },
    [
      "app client oidc-s3-dev-db-01: allowed_oauth_flows has implicit, which is not meant",
      "app client oidc-s3-dev-db-01: explicit_auth_flows has ALLOW_USER_PASSWORD_AUTH, which is not meant",
      "app client oidc-s3-dev-db-01: has no secret, so that whoever knows its id gets tokens",
      "app client oidc-s3-users-dev-cli: explicit_auth_flows has ALLOW_CUSTOM_AUTH, which is not meant",
    ],
  ],
  [
    "people who sign themselves up, and a trigger",
    ({ foundation, users }) => {
      const lambda_config = { pre_token_generation: "arn:aws:lambda:eu-west-1:000000000000:function:claims" };
      Object.assign(at(users, "aws_cognito_user_pool.users"), { admin_create_user_config: {}, lambda_config });
      at(foundation, "aws_cognito_user_pool.s3_uploader").admin_create_user_config = undefined;
    },
    [
      "user pool oidc-s3-users-dev: anybody may sign up",
      "user pool oidc-s3-users-dev: calls arn:aws:lambda:eu-west-1:000000000000:function:claims at pre_token_generation",
      "user pool oidc-s3-dev: anybody may sign up",
    ],
  ],
  [
    "functions' roles that others may take",
    ({ foundation }) => {
      const role = at(foundation, "aws_iam_role.credential_vending");
      const trust = JSON.parse(role.assume_role_policy as string);
      trust.Statement.push({ Effect: "Allow", NotPrincipal: { AWS: "arn:aws:iam::1:root" }, Action: "sts:AssumeRole" });
      trust.Statement[0].Principal.Service = ["lambda.amazonaws.com", "ec2.amazonaws.com"];
      role.assume_role_policy = JSON.stringify(trust);
    },
    [
      "role oidc-s3-dev-cred-vending: trusts ec2.amazonaws.com, and only functions are meant to have it",
      'role oidc-s3-dev-cred-vending: trusts everybody but {"AWS":"arn:aws:iam::1:root"}, and only',
    ],
  ],
  [
    "functions that anybody may call, and buckets that are public",
    ({ foundation }) => {
      at(foundation, "aws_lambda_permission.api_gateway").principal = "*";
      at(foundation, "aws_s3_bucket_public_access_block.uploads").block_public_policy = false;
    },
    [
      "the function oidc-s3-dev-cred-vending may be called by *",
      "the bucket oidc-s3-cognito-dev-uploads: block_public_policy is not on",
    ],
  ],
  [
    "policies of a role by its id, and of roles that no layer makes",
    ({ servers }) => {
      const policies = servers.resource.aws_iam_role_policy as Record<string, object>;
      const policy = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}';
      policies.by_id = { name: "by-id", role: "${aws_iam_role.server_db-02.id}", policy };
      policies.stray = { name: "stray", role: "deployer", policy };
    },
    [
      "without the session policy, server db-02 may read in * as a whole, which the configuration does not grant",
      "role deployer: is given the policy stray, and no layer makes the role",
    ],
  ],
  [
    "pools of others",
    ({ foundation, users }) => {
      const { environment } = at(foundation, "aws_lambda_function.credential_vending") as {
        environment: { variables: Record<string, string> };
      };
      environment.variables.USER_POOL_ID = "eu-west-1_another";
      at(users, "aws_cognito_identity_pool.users").cognito_identity_providers = [
        {
          client_id: "${aws_cognito_user_pool_client.cli.id}",
          provider_name: "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_another",
          server_side_token_check: true,
        },
      ];
      const trusting = at(users, "aws_iam_role.group_admins");
      const trust = JSON.parse(trusting.assume_role_policy as string);
      const equals = trust.Statement[0].Condition.StringEquals;
      equals["cognito-identity.amazonaws.com:aud"] = [equals["cognito-identity.amazonaws.com:aud"], "eu-west-1:1111"];
      trusting.assume_role_policy = JSON.stringify(trust);
    },
    [
      "the vending function believes tokens of the user pool eu-west-1_another, which no layer makes",
      "believes cognito-idp.eu-west-1.amazonaws.com/eu-west-1_another, which no layer makes",
      "group admins: the role names the identity pool eu-west-1:1111 too",
    ],
  ],
  [
    "ways out of the bucket itself",
    ({ foundation }) => {
      Object.assign(at(foundation, "aws_s3_bucket.uploads"), { acl: "public-read", policy: "{}" });
    },
    ["acl", "policy"].map(
      (name) => `the bucket oidc-s3-cognito-dev-uploads: ${name} is set, which this report does not`,
    ),
  ],
  [
    "what it does not read",
    ({ foundation }) => {
      foundation.resource.aws_iam_user_policy = { break_glass: { user: "root" } };
    },
    ["the layer foundation makes aws_iam_user_policy.break_glass, which this report does not read"],
  ],
  [
    "other services that a server's role reaches, behind the session policy",
    ({ servers }) => replaceIn(servers, "aws_iam_role_policy.s3_objects_db-02", "policy", '"Statement":[', SECRETS),
    [
      "without the session policy, server db-02 may secretsmanager:GetSecretValue on *, which the configuration does not grant",
    ],
  ],
  [
    "other services that functions, operators and people reach",
    ({ foundation, users }) => {
      const output = foundation.output.fleet_operator_policy as { value: string };
      output.value = output.value.replace('"Statement":[', SECRETS);
      replaceIn(foundation, "aws_iam_role_policy.credential_vending_activity", "policy", '"Statement":[', SECRETS);
      replaceIn(users, "aws_iam_role_policy.s3_users_authenticated", "policy", '"Statement":[', SECRETS);
    },
    [
      "operators (with fleet_operator_policy)",
      "the vending function (role oidc-s3-dev-cred-vending)",
      "signed-in users without a group role",
    ].map((who) => `${who} may secretsmanager:GetSecretValue on *, which the configuration does not grant`),
  ],
  [
    "rows of others, and fewer functions",
    ({ users }) => {
      replaceIn(users, "aws_iam_role_policy.dynamodb_admins", "policy", '"Null"', '"NullIfExists"');
      replaceIn(users, "aws_iam_role_policy.lambda_admins", "policy", "function:reports", "function:other");
    },
    [
      'group admins may dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:000000000000:table/notes where {"ForAllValues',
      'group admins may not dynamodb:GetItem on arn:aws:dynamodb:eu-west-1:000000000000:table/notes where {"ForAllValues',
      "group admins may lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:other, which",
      "group admins may not lambda:InvokeFunction on arn:aws:lambda:eu-west-1:000000000000:function:reports, though",
    ],
  ],
  [
    "people's credentials and tokens that live longer, also of guests",
    ({ users }) => {
      at(users, "aws_iam_role.group_staff").max_session_duration = 900;
      at(users, "aws_iam_role.users_unauthenticated").max_session_duration = 1800;
      at(users, "aws_cognito_user_pool_client.cli").refresh_token_validity = 3650;
    },
    [
      "group staff: credentials live 900 s; the configuration says 3600",
      "guests (not signed in): credentials live 1800 s; the configuration says 3600",
      "group staff: ID tokens are renewed for 3650 days; the configuration says 30 days",
    ],
  ],
  [
    "people who are not in the configuration",
    ({ users }) => {
      const groups = users.resource.aws_cognito_user_group as Record<string, object>;
      groups.rogue = { ...groups.admins, name: "rogue" };
    },
    ["group rogue can get credentials, which the configuration does not grant"],
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
    [
      "role stray may write, read, delete in oidc-s3-cognito-dev-uploads/db/01/, which the configuration does not grant",
    ],
  ],
])("finds %s", async (_, change, expected) => {
  const found = await differencesAfter(change, synthesised);
  for (const difference of expected) expect(found).toContainEqual(expect.stringContaining(difference));
});

const DENIAL =
  '"Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::oidc-s3-cognito-dev-uploads/db/02/closed/*"},';
const SECRETS = '"Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"},';
const OBJECTS =
  '"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::oidc-s3-cognito-dev-uploads/db/*"},';

it("asks every identity, in the basic flow, for every role", async () => {
  const users = `access = { s3 = { permissions = "read" } }
groups = { admins = { precedence = 1, session_duration = 43200, access = { s3 = { prefix = "shared/", user_specific = false, permissions = "read" } } } }
role_tag_guard = true`;
  const guarded = await environment(users);
  const text = accessText(await accessReport(guarded.config, deployment(guarded.documents)));
  expect(text).toContain("dev: matches the configuration");
  expect(text).toContain("credentials for 720 min");
  expect(
    await differencesAfter(({ users: stack }) => {
      const role = at(stack, "aws_iam_role.group_admins");
      const trust = JSON.parse(role.assume_role_policy as string);
      delete trust.Statement[0].Condition.StringEquals["aws:RequestTag/preferred_role"];
      role.assume_role_policy = JSON.stringify(trust);
    }, guarded),
  ).toEqual(["signed-in users without a group role may take the role of group admins too, by the basic flow"]);
});

it("finds guests who are let in where the configuration has none", async () => {
  const noGuests = await environment('access = { s3 = { permissions = "read" } }');
  const found = await differencesAfter(({ users }) => {
    at(users, "aws_cognito_identity_pool.users").allow_unauthenticated_identities = true;
  }, noGuests);
  expect(found).toEqual(["identity pool oidc-s3-users-dev: lets guests in, without signing in"]);
});
