import { configOf, usersFiles } from "../config/support/load";
import { addresses, at, referencedAddresses, type StackDocument, synthesiseUsers } from "../support/synthesise";

const documentOf = async (text: string, others: Readonly<Record<string, string>> = {}) =>
  synthesiseUsers(await configOf({ ...usersFiles(text), ...others })).document;
const POOL = "aws_cognito_user_pool.users";
const CLI = "aws_cognito_user_pool_client.cli";
const IDENTITY_POOL = "aws_cognito_identity_pool.users";
const ATTACHMENT = "aws_cognito_identity_pool_roles_attachment.users";
const TAGS = "aws_cognito_identity_pool_provider_principal_tag.users";
const EVERYBODY = "aws_iam_role.users_authenticated";
const PROVIDER = `cognito-idp.eu-west-1.amazonaws.com/\${${POOL}.id}`;
const ACCOUNT = "${data.aws_caller_identity.current.account_id}";
const ROTATING = { feature: "ENABLED", retry_grace_period_seconds: 10 };
const ALWAYS = [TAGS, ATTACHMENT, IDENTITY_POOL, POOL, CLI, EVERYBODY, "data.aws_caller_identity.current"].sort();

/** The addresses that one text has and another has not, or has otherwise. */
async function different(before: string, after: string): Promise<string[]> {
  const [a, b] = [await documentOf(before), await documentOf(after)];
  const of = (document: StackDocument, address: string) =>
    addresses(document).includes(address) ? JSON.stringify(at(document, address)) : undefined;
  return [...new Set([...addresses(a), ...addresses(b)])].filter((each) => of(a, each) !== of(b, each)).sort();
}
const jsonAt = (document: StackDocument, address: string, attribute = "policy") =>
  JSON.parse(at(document, address)[attribute] as string).Statement;

describe("the user pool", () => {
  const SMS = 'sms = { role_arn = "arn:aws:iam::123456789012:role/sms", external_id = "pool" }';
  it("is one that nobody but administrators lets people into, resource by resource", async () => {
    const document = await documentOf("");
    expect(addresses(document)).toEqual(ALWAYS);
    expect(addresses(document)).toEqual(expect.arrayContaining(referencedAddresses(document)));
    expect(at(document, POOL)).toEqual({
      name: "oidc-s3-users-dev",
      username_attributes: ["email"],
      username_configuration: { case_sensitive: false },
      schema: [
        {
          name: "email",
          attribute_data_type: "String",
          required: true,
          mutable: true,
          string_attribute_constraints: { min_length: "0", max_length: "2048" },
        },
      ],
      password_policy: {
        minimum_length: 12,
        require_lowercase: true,
        require_numbers: true,
        require_symbols: true,
        require_uppercase: true,
        temporary_password_validity_days: 7,
        password_history_size: 0,
      },
      mfa_configuration: "OPTIONAL",
      software_token_mfa_configuration: { enabled: true },
      admin_create_user_config: { allow_admin_create_user_only: true },
      auto_verified_attributes: ["email"],
      user_attribute_update_settings: { attributes_require_verification_before_update: ["email"] },
      verification_message_template: { default_email_option: "CONFIRM_WITH_CODE" },
      account_recovery_setting: { recovery_mechanism: [{ name: "verified_email", priority: 1 }] },
      user_pool_tier: "ESSENTIALS",
      deletion_protection: "INACTIVE",
      lifecycle: { ignore_changes: ["username_configuration"] },
    });
  });

  it.each([
    ['["username"]', { username_attributes: undefined, alias_attributes: undefined }],
    [`["email", "phone"]\n${SMS}`, { username_attributes: ["email", "phone_number"], alias_attributes: undefined }],
    ['["username", "email"]', { username_attributes: undefined, alias_attributes: ["email"] }],
  ])("with sign_in = %s people name themselves so", async (signIn, expected) => {
    const { username_attributes, alias_attributes } = at(await documentOf(`sign_in = ${signIn}`), POOL);
    expect({ username_attributes, alias_attributes }).toEqual(expected);
  });

  const SES = 'email = { source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com" }';
  it.each([
    ['mfa = "off"', { mfa_configuration: "OFF" }],
    ['mfa = "required"', { mfa_configuration: "ON", software_token_mfa_configuration: { enabled: true } }],
    [
      `mfa_methods = ["sms"]\n${SMS}`,
      {
        mfa_configuration: "OPTIONAL",
        sms_configuration: { external_id: "pool", sns_caller_arn: "arn:aws:iam::123456789012:role/sms" },
      },
    ],
    [
      `mfa_methods = ["email"]\naccount_recovery = []\n${SES}`,
      {
        mfa_configuration: "OPTIONAL",
        email_mfa_configuration: { subject: "Your sign-in code", message: "Your sign-in code is {####}" },
        email_configuration: {
          email_sending_account: "DEVELOPER",
          source_arn: "arn:aws:ses:eu-west-1:123456789012:identity/example.com",
        },
        account_recovery_setting: { recovery_mechanism: [{ name: "admin_only", priority: 1 }] },
      },
    ],
    ['tier = "plus"\nthreat_protection = "enforced"', { user_pool_add_ons: { advanced_security_mode: "ENFORCED" } }],
    ["self_sign_up = true", { admin_create_user_config: { allow_admin_create_user_only: false } }],
  ])("with %s", async (text, expected) => {
    const pool = at(await documentOf(text), POOL);
    expect(pool).toMatchObject(expected);
    // No other second factor than the ones asked for.
    const factors = ["software_token_mfa_configuration", "sms_configuration", "email_mfa_configuration"];
    const asked = /^mfa/.test(text) ? Object.keys(expected) : factors.slice(0, 1);
    expect(factors.filter((name) => name in pool)).toEqual(factors.filter((name) => asked.includes(name)));
  });

  it("has attributes of its own, with limits that Cognito would else fill in", async () => {
    const { schema } = at(
      await documentOf(
        'required_attributes = ["birthdate"]\ncustom_attributes = { team = { max = 20 }, floor = { type = "number", mutable = false } }',
      ),
      POOL,
    );
    expect(schema).toEqual([
      {
        name: "birthdate",
        attribute_data_type: "String",
        required: true,
        mutable: true,
        string_attribute_constraints: { min_length: "10", max_length: "10" },
      },
      {
        name: "floor",
        attribute_data_type: "Number",
        required: false,
        mutable: false,
        number_attribute_constraints: {},
      },
      {
        name: "team",
        attribute_data_type: "String",
        required: false,
        mutable: true,
        string_attribute_constraints: { min_length: "0", max_length: "20" },
      },
    ]);
  });

  it("calls triggers, which only this pool may", async () => {
    const arn = "arn:aws:lambda:eu-west-1:123456789012:function:check";
    const document = await documentOf(`triggers = { pre_sign_up = "${arn}" }`);
    expect(at(document, POOL).lambda_config).toEqual({ pre_sign_up: arn });
    expect(at(document, "aws_lambda_permission.trigger_pre_sign_up")).toMatchObject({
      action: "lambda:InvokeFunction",
      function_name: arn,
      principal: "cognito-idp.amazonaws.com",
      source_arn: `\${${POOL}.arn}`,
    });
  });
});

describe("the app client that people sign in by", () => {
  it("has no secret, rotates refresh tokens and tells nobody whether a user exists", async () => {
    const client = at(await documentOf(""), CLI);
    expect(client).not.toHaveProperty("generate_secret");
    expect(client).toMatchObject({
      name: "oidc-s3-users-dev-cli",
      explicit_auth_flows: ["ALLOW_USER_SRP_AUTH"],
      refresh_token_rotation: [ROTATING],
      allowed_oauth_flows_user_pool_client: false,
      prevent_user_existence_errors: "ENABLED",
      enable_token_revocation: true,
      access_token_validity: 60,
      id_token_validity: 60,
      refresh_token_validity: 30,
      token_validity_units: [{ access_token: "minutes", id_token: "minutes", refresh_token: "days" }],
    });
  });

  it("signs people in with a browser where there is a domain, by code alone", async () => {
    const document = await documentOf('domain = { prefix = "acme" }');
    expect(at(document, "aws_cognito_user_pool_domain.users")).toEqual({
      domain: "acme",
      managed_login_version: 1,
      user_pool_id: `\${${POOL}.id}`,
    });
    expect(at(document, CLI)).toMatchObject({
      allowed_oauth_flows_user_pool_client: true,
      allowed_oauth_flows: ["code"],
      allowed_oauth_scopes: ["aws.cognito.signin.user.admin", "email", "openid", "profile"],
      callback_urls: [18271, 18272, 18273].map((port) => `http://localhost:${port}/callback`),
      supported_identity_providers: ["COGNITO"],
    });
    expect(document.output.domain?.value).toBe(
      "https://${aws_cognito_user_pool_domain.users.domain}.auth.eu-west-1.amazoncognito.com",
    );
  });

  it("lets people write what is asked of them, and nothing that others rely on", async () => {
    const document = await documentOf(
      'required_attributes = ["email", "given_name"]\ncustom_attributes = { team = {}, desk = { user_writable = true } }',
    );
    const { write_attributes, read_attributes } = at(document, CLI);
    expect(write_attributes).toEqual(["custom:desk", "email", "given_name"]);
    expect(read_attributes).toEqual(expect.arrayContaining(["custom:desk", "custom:team", "email_verified"]));
    // An empty list would be all of them to Cognito.
    expect(
      at(await documentOf('sign_in = ["username"]\nrequired_attributes = []\naccount_recovery = []'), CLI)
        .write_attributes,
    ).toEqual(["name"]);
  });

  it.each([
    ['["password"]', ["ALLOW_USER_PASSWORD_AUTH"], [{ feature: "DISABLED" }]],
    ['["srp", "password", "refresh"]', ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"], [ROTATING]],
  ])("has the flows %s, and never ALLOW_REFRESH_TOKEN_AUTH", async (flows, expected, rotation) => {
    const client = at(await documentOf(`auth_flows = ${flows}`), CLI);
    expect([...(client.explicit_auth_flows as string[])].sort()).toEqual([...expected].sort());
    expect(client.refresh_token_rotation).toEqual(rotation);
  });
});

it("a service has a client with a secret and no person's flow, after the scopes that it is granted", async () => {
  const document = await documentOf(`domain = { prefix = "acme" }
resource_servers = { api = { identifier = "API", scopes = { get = "Read" } } }
service_clients = { job = { scopes = { "API/get" = true } } }`);
  expect(at(document, "aws_cognito_user_pool_client.service_job")).toMatchObject({
    generate_secret: true,
    allowed_oauth_flows: ["client_credentials"],
    allowed_oauth_scopes: ["API/get"],
    explicit_auth_flows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    depends_on: ["aws_cognito_resource_server.api"],
  });
  const { providers = [] } = { providers: at(document, IDENTITY_POOL).cognito_identity_providers as unknown[] };
  expect(providers).toHaveLength(1);
  expect(document.output.service_secrets).toMatchObject({ sensitive: true });
});

const PEOPLE = `access = { s3 = { permissions = "full" } }
groups = {
  admins = { precedence = 1, description = "Run it", access = { s3 = { prefix = "shared/", user_specific = false, permissions = "read" } } }
  staff  = { precedence = 10 }
}
users = { "ann@example.com" = { groups = ["admins", "staff"], attributes = { given_name = "Ann" } } }
`;

describe("groups and people", () => {
  it("are there with who is in what, and nobody's password", async () => {
    const document = await documentOf(PEOPLE);
    expect(addresses(document)).toEqual(
      [
        ...ALWAYS,
        ...["aws_cognito_user_group.admins", "aws_cognito_user_group.staff", "aws_cognito_user.ann_example_com"],
        ...["admins", "staff"].map((group) => `aws_cognito_user_in_group.ann_example_com_${group}`),
        ...["aws_iam_role.group_admins", "aws_iam_role_policy.s3_admins"],
        "aws_iam_role_policy.s3_users_authenticated",
      ].sort(),
    );
    expect(at(document, "aws_cognito_user_group.admins")).toEqual({
      name: "admins",
      description: "Run it",
      precedence: 1,
      role_arn: "${aws_iam_role.group_admins.arn}",
      user_pool_id: `\${${POOL}.id}`,
    });
    // It grants nothing.
    expect(at(document, "aws_cognito_user_group.staff")).not.toHaveProperty("role_arn");
    expect(at(document, "aws_cognito_user.ann_example_com")).toEqual({
      username: "ann@example.com",
      attributes: { email: "ann@example.com", email_verified: "true", given_name: "Ann" },
      desired_delivery_mediums: ["EMAIL"],
      enabled: true,
      user_pool_id: `\${${POOL}.id}`,
      lifecycle: { ignore_changes: ["desired_delivery_mediums", "message_action"] },
    });
    expect(JSON.stringify(document)).not.toMatch(/"(temporary_)?password":/);
  });

  it("a group's role has what everybody has, and its own", async () => {
    const document = await documentOf(PEOPLE);
    const own = "arn:aws:s3:::oidc-s3-cognito-dev-uploads/users/$${cognito-identity.amazonaws.com:sub}/*";
    const resources = (address: string) =>
      jsonAt(document, address).map(({ Resource }: { Resource: string }) => Resource);
    const bucket = "arn:aws:s3:::oidc-s3-cognito-dev-uploads";
    expect(resources("aws_iam_role_policy.s3_users_authenticated")).toEqual([own, bucket]);
    expect(resources("aws_iam_role_policy.s3_admins")).toEqual([own, bucket, `${bucket}/shared/*`]);
  });

  it("rows, functions and a policy of its own are a policy each", async () => {
    const policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-west-1:123456789012:${aws:username}"}]}';
    const document = await documentOf(
      'groups = { a = { precedence = 1, policy_file = "a.json", access = { dynamodb = { table = "notes" }, lambda = ["one"] } } }',
      { "a.json": policy },
    );
    const [rows] = jsonAt(document, "aws_iam_role_policy.dynamodb_a");
    expect(rows).toMatchObject({
      Resource: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/notes`,
      Condition: {
        "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["$${cognito-identity.amazonaws.com:sub}"] },
        Null: { "dynamodb:LeadingKeys": "false" },
      },
    });
    expect(jsonAt(document, "aws_iam_role_policy.lambda_a")).toEqual([
      {
        Effect: "Allow",
        Action: "lambda:InvokeFunction",
        Resource: [`arn:aws:lambda:eu-west-1:${ACCOUNT}:function:one`],
      },
    ]);
    // IAM's variable, not Terraform's.
    expect(jsonAt(document, "aws_iam_role_policy.custom_a")[0].Resource).toMatch(/:\$\$\{aws:username\}$/);
  });

  it.each([
    ["a user", PEOPLE.replace("users = {", 'users = { "bob@example.com" = {},'), ["aws_cognito_user.bob_example_com"]],
    [
      "a group",
      PEOPLE.replace("groups = {", "groups = { more = { precedence = 20 },"),
      ["aws_cognito_user_group.more"],
    ],
    [
      "a group's session",
      PEOPLE.replace('description = "Run it"', 'description = "It"'),
      ["aws_cognito_user_group.admins"],
    ],
    [
      "a membership",
      PEOPLE.replace('["admins", "staff"]', '["admins"]'),
      ["aws_cognito_user_in_group.ann_example_com_staff"],
    ],
  ])("%s that comes, goes or changes is that alone", async (_, text, expected) => {
    expect(await different(PEOPLE, text)).toEqual(expected);
  });
});

describe("the identity pool", () => {
  it("asks the user pool about each token, has no guests and gives an hour", async () => {
    const document = await documentOf(PEOPLE);
    expect(at(document, IDENTITY_POOL)).toEqual({
      identity_pool_name: "oidc-s3-users-dev",
      allow_unauthenticated_identities: false,
      allow_classic_flow: false,
      cognito_identity_providers: [
        { client_id: `\${${CLI}.id}`, provider_name: PROVIDER, server_side_token_check: true },
      ],
    });
    expect(at(document, ATTACHMENT)).toEqual({
      identity_pool_id: `\${${IDENTITY_POOL}.id}`,
      roles: { authenticated: `\${${EVERYBODY}.arn}` },
      role_mapping: [
        {
          identity_provider: `${PROVIDER}:\${${CLI}.id}`,
          type: "Token",
          ambiguous_role_resolution: "AuthenticatedRole",
        },
      ],
    });
    for (const role of [EVERYBODY, "aws_iam_role.group_admins"]) {
      expect(at(document, role).max_session_duration).toBe(3600);
      expect(jsonAt(document, role, "assume_role_policy")).toEqual([
        {
          Effect: "Allow",
          Principal: { Federated: "cognito-identity.amazonaws.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: { "cognito-identity.amazonaws.com:aud": `\${${IDENTITY_POOL}.id}` },
            "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
          },
        },
      ]);
    }
  });

  it("refuses people without a group's role where everybody gets nothing", async () => {
    const [mapping] = at(await documentOf(""), ATTACHMENT).role_mapping as Record<string, unknown>[];
    expect(mapping).toMatchObject({ ambiguous_role_resolution: "Deny" });
  });

  it("has guests with a policy of their own", async () => {
    const policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/public/*"}]}';
    const document = await documentOf('identity_pool = { guests = true, guest_policy_file = "guests.json" }', {
      "guests.json": policy,
    });
    expect(at(document, IDENTITY_POOL)).toMatchObject({ allow_unauthenticated_identities: true });
    expect(at(document, ATTACHMENT).roles).toMatchObject({
      unauthenticated: "${aws_iam_role.users_unauthenticated.arn}",
    });
    expect(jsonAt(document, "aws_iam_role_policy.custom_users_unauthenticated")).toEqual(JSON.parse(policy).Statement);
    expect(jsonAt(document, "aws_iam_role.users_unauthenticated", "assume_role_policy")[0].Condition).toMatchObject({
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "unauthenticated" },
    });
  });

  it("gives one role long sessions without tags, since nobody could take another", async () => {
    const document = await documentOf('session_duration = 28800\naccess = { s3 = { permissions = "full" } }');
    expect(at(document, IDENTITY_POOL).allow_classic_flow).toBe(true);
    expect(at(document, EVERYBODY).max_session_duration).toBe(28_800);
    expect(at(document, TAGS)).toMatchObject({ principal_tags: {}, use_defaults: false });
    expect(document.output.user_configuration?.value).toMatchObject({
      long_sessions: { [`\${${EVERYBODY}.arn}`]: 28_800 },
    });
  });

  it("asks for the role's own ARN in the session's tag where groups have long sessions", async () => {
    const document = await documentOf(`role_tag_guard = true
iam_path = "/people/"
groups = { admins = { precedence = 1, session_duration = 43200, access = { s3 = { permissions = "full" } } } }`);
    expect(at(document, IDENTITY_POOL).allow_classic_flow).toBe(true);
    expect(at(document, TAGS)).toEqual({
      identity_pool_id: `\${${IDENTITY_POOL}.id}`,
      identity_provider_name: PROVIDER,
      principal_tags: { preferred_role: "cognito:preferred_role", client: "aud" },
      use_defaults: false,
    });
    const { name, path } = at(document, "aws_iam_role.group_admins");
    const [trust] = jsonAt(document, "aws_iam_role.group_admins", "assume_role_policy");
    expect(trust.Action).toEqual(["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]);
    expect(trust.Condition.StringEquals["aws:RequestTag/preferred_role"]).toBe(
      `arn:aws:iam::${ACCOUNT}:role${path}${name}`,
    );
    const [others] = jsonAt(document, EVERYBODY, "assume_role_policy");
    expect(others.Condition).toMatchObject({
      StringEquals: { "aws:RequestTag/client": `\${${CLI}.id}` },
      Null: { "aws:RequestTag/preferred_role": "true" },
    });
    expect(document.output.user_configuration?.value).toMatchObject({
      long_sessions: { "${aws_iam_role.group_admins.arn}": 43_200 },
    });
  });

  it("can be left out: people sign in and get no AWS credentials", async () => {
    const document = await documentOf("identity_pool = { enabled = false }\ngroups = { a = { precedence = 1 } }");
    expect(addresses(document)).toEqual(
      ["aws_cognito_user_group.a", POOL, CLI, "data.aws_caller_identity.current"].sort(),
    );
    expect(document.output.role_arns?.value).toEqual({});
    expect(document.output.identity_pool_id?.value).toBe("${null}");
  });

  it("its roles have the path and the boundary of the file", async () => {
    const boundary = "arn:aws:iam::123456789012:policy/bound";
    const document = await documentOf(`permissions_boundary = "${boundary}"\niam_path = "/people/"\n${PEOPLE}`);
    for (const role of [EVERYBODY, "aws_iam_role.group_admins"])
      expect(at(document, role)).toMatchObject({ path: "/people/", permissions_boundary: boundary });
  });
});

it("outputs say what they are, only secrets are sensitive, and one object is all that a person needs", async () => {
  const { output } = await documentOf(`domain = { prefix = "acme" }\n${PEOPLE}`);
  for (const { description } of Object.values(output)) expect(description).toMatch(/^[A-Z].{10,}$/);
  expect(Object.keys(output).filter((name) => output[name]?.sensitive)).toEqual(["service_secrets"]);
  expect(Object.keys(output).sort()).toEqual([
    ...["client_id", "domain", "identity_pool_id", "issuer_url", "role_arns", "service_client_ids"],
    ...["service_secrets", "user_configuration", "user_pool_arn", "user_pool_id"],
  ]);
  expect(output.role_arns?.value).toEqual({
    admins: "${aws_iam_role.group_admins.arn}",
    authenticated: `\${${EVERYBODY}.arn}`,
  });
  expect(output.user_configuration?.value).toEqual({
    region: "eu-west-1",
    account_id: ACCOUNT,
    user_pool_id: `\${${POOL}.id}`,
    client_id: `\${${CLI}.id}`,
    identity_pool_id: `\${${IDENTITY_POOL}.id}`,
    issuer: `https://${PROVIDER}`,
    domain: output.domain?.value,
    callback_urls: [18271, 18272, 18273].map((port) => `http://localhost:${port}/callback`),
    authenticated_role_arn: `\${${EVERYBODY}.arn}`,
    long_sessions: {},
    s3: { bucket: "oidc-s3-cognito-dev-uploads", prefix: "users/", user_specific: true },
  });
});

it("protection keeps what holds identity from being destroyed or replaced", async () => {
  const document = await documentOf('deletion_protection = true\ndomain = { prefix = "acme" }');
  const isProtected = (address: string) =>
    (at(document, address).lifecycle as { prevent_destroy?: boolean } | undefined)?.prevent_destroy === true;
  expect(addresses(document).filter(isProtected)).toEqual(
    [IDENTITY_POOL, POOL, CLI, "aws_cognito_user_pool_domain.users"].sort(),
  );
  expect(at(document, POOL).deletion_protection).toBe("ACTIVE");
});
