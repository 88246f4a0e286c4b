import { join } from "node:path";
import { usersConfiguration } from "../../../config/rules/users";
import { checkUsers, configOf, faultsOf, folderWith, USERS, warningsOf } from "../support/users";

const GROUP = 'groups = { staff = { precedence = 10, access = { lambda = ["report"] } } }';

it("what a file says with its two required keys alone is the documented default", async () => {
  expect(await configOf("")).toEqual({
    environment: "dev",
    awsRegion: "eu-west-1",
    projectName: "oidc-s3",
    userPoolName: "oidc-s3-users-dev",
    clientName: "oidc-s3-users-dev-cli",
    signIn: ["email"],
    passwordPolicy: {
      minimumLength: 12,
      requireLowercase: true,
      requireUppercase: true,
      requireNumbers: true,
      requireSymbols: true,
      temporaryPasswordValidityDays: 7,
      passwordHistorySize: 0,
    },
    mfa: "optional",
    mfaMethods: ["totp"],
    selfSignUp: false,
    verification: "email_code",
    requiredAttributes: ["email"],
    customAttributes: [],
    accountRecovery: ["email"],
    tier: "essentials",
    threatProtection: "off",
    callbackUrls: [18271, 18272, 18273].map((port) => `http://localhost:${port}/callback`),
    logoutUrls: [18271, 18272, 18273].map((port) => `http://localhost:${port}/logout`),
    oauthScopes: ["aws.cognito.signin.user.admin", "email", "openid", "profile"],
    implicitGrant: false,
    authFlows: ["srp", "refresh"],
    accessTokenValidityMinutes: 60,
    idTokenValidityMinutes: 60,
    refreshTokenValidityDays: 30,
    resourceServers: [],
    serviceClients: [],
    triggers: [],
    groups: [],
    users: [],
    identityPool: { name: "oidc-s3-users-dev", roleName: "oidc-s3-users-dev-authenticated" },
    access: { lambda: [] },
    sessionDurationSeconds: 3600,
    roleTagGuard: false,
    deletionProtection: false,
  });
});

it("every key counts", async () => {
  const config = await configOf(`project_name = "acme"
user_pool_name = "People"
client_name = "Shell"
sign_in = ["username", "email"]
password_policy = { minimum_length = 14, require_symbols = false, temporary_password_validity_days = 3, history_size = 5 }
mfa = "required"
mfa_methods = ["totp", "sms", "email"]
self_sign_up = true
verification = "email_link"
required_attributes = ["email", "given_name"]
custom_attributes = { team = { user_writable = true, min = 1, max = 40 }, level = { type = "number", mutable = false } }
account_recovery = ["phone", "email"]
email = { source_arn = "arn:aws:ses:eu-west-1:123456789012:identity/example.com", from = "Example <no-reply@mail.example.com>", reply_to = "help@example.com", configuration_set = "people" }
sms = { role_arn = "arn:aws:iam::123456789012:role/cognito-sms", external_id = "people", region = "eu-central-1" }
tier = "plus"
threat_protection = "enforced"
domain = { name = "login.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a-1b", managed_login_version = 2 }
callback_urls = ["https://example.com/callback", "http://localhost:9999/"]
logout_urls = []
oauth_scopes = ["openid", "phone"]
auth_flows = ["password", "custom", "admin_password"]
access_token_validity_minutes = 5
id_token_validity_minutes = 10
refresh_token_validity_days = 1
resource_servers = { api = { identifier = "API", scopes = { "book.get" = "Read" } } }
service_clients = { nightly = { scopes = { "API/book.get" = true } } }
triggers = {
  verify_auth_challenge_response = "arn:aws:lambda:eu-west-1:123456789012:function:verify"
  define_auth_challenge = "arn:aws:lambda:eu-west-1:123456789012:function:define:live"
  create_auth_challenge = "arn:aws:lambda:eu-west-1:123456789012:function:create"
}
identity_pool = { name = "People of Acme" }
access = { s3 = { bucket = "companys-bucket", prefix = "people/", permissions = "full" }, dynamodb = { table = "notes", permissions = "read" }, lambda = ["b", "a"] }
deletion_protection = true
groups = {
  staff = { precedence = 10, description = "Everybody" }
  "ad.min" = { precedence = 0, access = { s3 = { bucket = "companys-bucket", prefix = "all/", user_specific = false, permissions = "read" } } }
}
users = {
  bob = { email = "bob@example.com", enabled = false, invite = false, attributes = { given_name = "Bob", team = "x", "custom:level" = "3" } }
  ann = { email = "Ann@example.com", groups = ["staff", "ad.min"], attributes = { given_name = "Ann", phone_number = "+31201234567" } }
}`);
  expect(config).toMatchObject({
    projectName: "acme",
    userPoolName: "People",
    clientName: "Shell",
    signIn: ["username", "email"],
    passwordPolicy: {
      minimumLength: 14,
      requireSymbols: false,
      temporaryPasswordValidityDays: 3,
      passwordHistorySize: 5,
    },
    mfaMethods: ["totp", "sms", "email"],
    customAttributes: [
      { name: "level", type: "number", mutable: false, userWritable: false },
      { name: "team", type: "string", mutable: true, userWritable: true, min: 1, max: 40 },
    ],
    accountRecovery: ["phone", "email"],
    email: { from: "Example <no-reply@mail.example.com>", replyTo: "help@example.com", configurationSet: "people" },
    sms: { roleArn: "arn:aws:iam::123456789012:role/cognito-sms", externalId: "people", region: "eu-central-1" },
    domain: { name: "login.example.com", certificateArn: expect.stringContaining("0a-1b"), managedLoginVersion: 2 },
    logoutUrls: [],
    authFlows: ["password", "custom", "admin_password"],
    resourceServers: [{ address: "api", identifier: "API", name: "API", scopes: { "book.get": "Read" } }],
    serviceClients: [{ key: "nightly", address: "nightly", grantedScopes: ["API/book.get"] }],
    triggers: [
      { name: "create_auth_challenge" },
      { name: "define_auth_challenge", address: "define_auth_challenge", lambdaArn: expect.stringMatching(/:live$/) },
      { name: "verify_auth_challenge_response" },
    ],
    identityPool: { name: "People of Acme", roleName: "acme-users-dev-authenticated" },
    access: {
      s3: { bucket: "companys-bucket", prefix: "people/", userSpecific: true, permissions: "full" },
      dynamodb: { table: "notes", userSpecific: true, permissions: "read" },
      lambda: ["a", "b"],
    },
    groups: [
      { key: "ad.min", address: "ad_min", precedence: 0, roleName: "acme-users-dev-group-ad.min" },
      { key: "staff", description: "Everybody", sessionDurationSeconds: 3600, access: { lambda: [] } },
    ],
    users: [
      {
        ...{ key: "ann", userName: "ann", email: "Ann@example.com", groups: ["ad.min", "staff"] },
        ...{ enabled: true, invite: true, attributes: { given_name: "Ann", phone_number: "+31201234567" } },
      },
      { enabled: false, invite: false, attributes: { "custom:team": "x", "custom:level": "3" } },
    ],
    deletionProtection: true,
  });
  expect(config.groups[1]).not.toHaveProperty("roleName", expect.anything());
  expect(config.access.s3).not.toHaveProperty("sharedPrefix");
});

describe("names and the bucket", () => {
  it("are the foundation's, where there is one", async () => {
    const foundation = { projectName: "acme", bucketName: "acme-cognito-dev-uploads" };
    const text = 'access = { s3 = { permissions = "full" } }';
    const { config, roles, prefixes } = await checkUsers(text, { facts: { foundation } });
    expect(config).toMatchObject({
      projectName: "acme",
      access: { s3: { bucket: "acme-cognito-dev-uploads", prefix: "users/" } },
    });
    expect(roles).toEqual([{ name: "acme-users-dev-authenticated", path: ["project_name"] }]);
    expect(prefixes).toMatchObject([
      { bucket: "acme-cognito-dev-uploads", prefix: "users/", perIdentity: true, shared: false },
    ]);
  });

  it("a bucket of one's own must be named where there is no foundation", async () => {
    expect(await faultsOf('access = { s3 = { permissions = "full" } }', {})).toMatchObject([
      {
        key: "access.s3",
        message: expect.stringContaining("has no foundation"),
        remedy: expect.stringContaining("bucket ="),
      },
    ]);
  });
});

describe("how people are named at sign-in", () => {
  const named = async (lines: string) =>
    (await configOf(lines)).users.map(({ key, userName, email, address }) => [key, userName, email, address]);

  it("by e-mail address: the entry's name, or its email", async () => {
    expect(await named('users = { "bob@example.com" = {}, ann = { email = "ann@example.com" } }')).toEqual([
      ["ann", "ann@example.com", "ann@example.com", "ann"],
      ["bob@example.com", "bob@example.com", "bob@example.com", "bob_example_com"],
    ]);
  });

  it("by phone number", async () => {
    const sms = 'sms = { role_arn = "arn:aws:iam::123456789012:role/sms", external_id = "people" }';
    const people = 'users = { "+31201234567" = {}, ann = { attributes = { phone_number = "+31207654321" } } }';
    expect(await named(`sign_in = ["phone"]\nrequired_attributes = []\n${sms}\n${people}`)).toEqual([
      ["+31201234567", "+31201234567", undefined, "_31201234567"],
      ["ann", "+31207654321", undefined, "ann"],
    ]);
  });
});

describe("policies of files", () => {
  const policy = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const READ = {
    Effect: "Allow",
    Action: "s3:GetObject",
    Resource: "arn:aws:s3:::x/${cognito-identity.amazonaws.com:sub}/é",
  };
  const group = 'groups = { a = { precedence = 1, policy_file = "a.json" } }';
  const withPolicy = (text: string, lines = group) => checkUsers(lines, { folder: folderWith({ "a.json": text }) });

  it("are taken as they are, as IAM takes them", async () => {
    const { config, warnings } = await withPolicy(policy(READ));
    expect(config?.groups).toMatchObject([
      {
        roleName: "oidc-s3-users-dev-group-a",
        policyJson: expect.stringContaining("/${cognito-identity.amazonaws.com:sub}/\\u00e9"),
      },
    ]);
    expect(warnings).toEqual([]);
  });

  it("of guests are needed for guests", async () => {
    const lines = 'identity_pool = { guests = true, guest_policy_file = "a.json" }';
    const { config, roles } = await withPolicy(policy(READ), lines);
    expect(config?.identityPool?.guests).toMatchObject({
      roleName: "oidc-s3-users-dev-unauthenticated",
      policyJson: policy(READ).replace("é", "\\u00e9"),
    });
    expect(roles?.map(({ name }) => name)).toContain("oidc-s3-users-dev-unauthenticated");
  });

  it("that allow everything are warned about, and refused for guests", async () => {
    const all = policy({ Effect: "Allow", Action: "*", Resource: "*" });
    const { config, warnings } = await withPolicy(all);
    expect(config).toBeDefined();
    expect(warnings).toMatchObject([
      { key: 'groups["a"].policy_file', message: expect.stringContaining("everything in the account") },
    ]);
    const guests = await withPolicy(all, 'identity_pool = { guests = true, guest_policy_file = "a.json" }');
    expect(guests.faults).toMatchObject([
      { key: "identity_pool.guest_policy_file", message: expect.stringContaining("everything") },
    ]);
  });

  const { Resource, ...withoutResource } = READ;
  it.each([
    ["no JSON", "{", /is not JSON/],
    ["a list", "[]", /not a JSON object/],
    ["an old version", policy(READ).replace("2012-10-17", "2008-10-17"), /has the Version "2008-10-17"/],
    ["no version", JSON.stringify({ Statement: [READ] }), /has no Version/],
    ["no statement", policy(), /has no Statement/],
    ["a Principal", policy({ ...READ, Principal: "*" }), /has a Principal in statement 1/],
    ["a misspelt key", policy({ ...READ, Conditions: {} }), /unknown key "Conditions" in statement 1/],
    ["no effect", policy({ ...READ, Effect: "allow" }), /no right Effect/],
    ["no resource", policy(withoutResource), /neither Resource nor NotResource in statement 1/],
    [
      "an action without a service",
      policy(READ, { ...READ, Action: ["GetObject"] }),
      /"GetObject" as Action in statement 2/,
    ],
    ["a bucket's name for a resource", policy({ ...READ, Resource: "bucket" }), /"bucket" as Resource/],
    ["one Sid twice", policy({ ...READ, Sid: "A" }, { ...READ, Sid: "A" }), /the Sid "A" twice/],
    [
      "too much",
      policy({ ...READ, Resource: Array.from({ length: 300 }, (_, i) => `${Resource}${i}`) }),
      /allows a role's inline policies 10240/,
    ],
  ])("with %s are refused", async (_what, text, message) => {
    const { faults } = await withPolicy(text);
    expect(faults).toMatchObject([
      { key: 'groups["a"].policy_file', value: "a.json", message: expect.stringMatching(message) },
    ]);
  });

  it("and what access grants must fit into a role together", async () => {
    const functions = (count: number) =>
      Array.from({ length: count }, (_, index) => `"function-${1000 + index}"`).join();
    const role = (ofEverybody: number, ofGroup: number) =>
      withPolicy(
        policy({ ...READ, Resource: Array.from({ length: 60 }, (_, index) => `${Resource}${100 + index}`) }),
        `access = { lambda = [${functions(ofEverybody)}] }\n` +
          `groups = { a = { precedence = 1, policy_file = "a.json", access = { lambda = [${functions(ofGroup)}] } } }`,
      );
    const tooLong = { message: expect.stringMatching(/policies of \d{5} characters in all.*10240/) };
    expect(await role(10, 60)).toMatchObject({ faults: [], config: expect.anything() });
    // What everybody is granted is in the group's role too, and what both are granted is in it once.
    expect(await role(60, 60)).toMatchObject({ faults: [] });
    const group = await role(10, 120);
    expect(group).toMatchObject({ faults: [{ key: 'groups["a"]', ...tooLong }], config: undefined });
    const everybody = await role(170, 0);
    expect(everybody.faults).toMatchObject([
      { key: "access", ...tooLong },
      { key: 'groups["a"]', ...tooLong },
    ]);
  });

  it.each([
    ["../a.json", /not in the environment's folder/],
    [join("/etc", "hostname"), /not in the environment's folder/],
    ["b.json", /not there/],
    [".", /not in the environment's folder/],
  ])("are files of the environment's folder: %s", async (name, message) => {
    const { faults } = await withPolicy(policy(READ), group.replace("a.json", name));
    expect(faults).toMatchObject([{ value: name, message: expect.stringMatching(message) }]);
  });
});

describe("sessions of more than an hour", () => {
  it("are allowed where one role alone trusts the identity pool", async () => {
    expect(await configOf("session_duration = 43200\ngroups = { readers = { precedence = 1 } }")).toMatchObject({
      sessionDurationSeconds: 43_200,
    });
  });

  it("are refused where people could take another's role, unless the tag is asked for", async () => {
    const long = GROUP.replace("precedence", "session_duration = 7200, precedence");
    expect(await faultsOf(`session_duration = 7200\n${long}`)).toMatchObject([
      { key: "session_duration", message: expect.stringContaining('that of "staff"') },
      { key: 'groups["staff"].session_duration', remedy: expect.stringContaining("role_tag_guard") },
    ]);
    expect(
      await configOf(`role_tag_guard = true\nsession_duration = 7200\naccess = { lambda = ["x"] }\n${long}`),
    ).toMatchObject({
      roleTagGuard: true,
      sessionDurationSeconds: 7200,
    });
  });

  it("are not what the tag is for where it guards nothing", async () => {
    for (const lines of ["session_duration = 7200", GROUP]) {
      expect(await warningsOf(`role_tag_guard = true\n${lines}`)).toEqual([
        expect.stringMatching(/^role_tag_guard guards nothing/),
      ]);
    }
  });

  it("are never for pools with guests, nor without the pool", async () => {
    const folder = folderWith({
      "g.json":
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::p/*"}}',
    });
    const guests = 'identity_pool = { guests = true, guest_policy_file = "g.json" }';
    const { faults } = await checkUsers(`session_duration = 7200\n${guests}`, { folder });
    expect(faults).toMatchObject([{ key: "session_duration", message: expect.stringContaining("guests") }]);
    const none = await faultsOf("session_duration = 7200\nidentity_pool = { enabled = false }");
    expect(none).toMatchObject([
      { key: "session_duration", message: expect.stringContaining("without the identity pool") },
    ]);
  });
});

it.each([
  ['auth_flows = ["srp"]', /^auth_flows lacks "refresh"/],
  ['callback_urls = ["https://example.com/"]', /^callback_urls counts for nothing without a domain/],
  ['domain = { prefix = "acme-login" }\nimplicit_grant = true', /^implicit_grant puts tokens into URLs/],
  ['mfa = "off"\nmfa_methods = ["totp"]', /^mfa_methods counts for nothing/],
  ['self_sign_up = true\naccess = { lambda = ["x"] }', /^self_sign_up lets anybody on the internet/],
  ["groups = { a = { precedence = 1, session_duration = 7200 } }", /session_duration counts for nothing/],
  ['triggers = { create_auth_challenge = "arn:aws:lambda:eu-west-1:123456789012:function:a" }', /is never called/],
])("is allowed and hardly meant: %s", async (lines, warning) => {
  expect(await warningsOf(lines)).toEqual([expect.stringMatching(warning)]);
});

it("all faults come at once, each with its line", async () => {
  const faults = await faultsOf(`sign_in = []
mfa_methods = ["email"]
groups = {
  a = { precedence = 1, acces = {} }
  b = { precedence = 1 }
}
users = { ann = { email = "ann@example.com", groups = ["c"] } }
`);
  expect(faults.map(({ line, key }) => `${line} ${key}`)).toEqual([
    "3 sign_in",
    '6 groups["a"].acces',
    "4 mfa_methods",
    // Not written: where what forbids its default is.
    "4 account_recovery",
    '7 groups["b"].precedence',
    '9 users["ann"].groups["0"]',
  ]);
});

it("is a layer that needs no other", () => {
  expect(usersConfiguration).toMatchObject({ name: "users", variablesFile: USERS, optional: true, reads: [] });
});
