import { identityPoolTrust, rowStatements, s3Statements } from "../../access/people";
import { type PolicyStatement, policyDocument, policyJson } from "../../access/policy";
import { LAYERS } from "../../layers";
import type { Finding } from "../../plan/report";
import { summarise } from "../../plan/summary";
import { asText } from "../../plan/text";
import { usersFindings } from "../../plan/users-access";
import { change, plan } from "./plan-json";

type Values = Record<string, unknown> | null;
const widening = (text: string): Finding => ({ text, mark: "widens-access" });
const losing = (text: string): Finding => ({ text, mark: "stateful-resource" });

/** What is said of one resource's change. */
function said(address: string, before: Values, after: Values, more = {}): readonly Finding[] {
  return usersFindings(plan([change(address, before, after, more)])).get(address) ?? [];
}
const REPLACED = { actions: ["delete", "create"] };

describe("the user pool", () => {
  const POOL = "aws_cognito_user_pool.users";
  const pool = (more = {}): Values => ({
    mfa_configuration: "OPTIONAL",
    admin_create_user_config: [{ allow_admin_create_user_only: true }],
    password_policy: [{ minimum_length: 12, require_symbols: true }],
    ...more,
  });
  const OPEN = { admin_create_user_config: [{ allow_admin_create_user_only: false }] };
  const openText = widening("self sign-up is on: anybody may make an account, and get what everybody gets");

  it.each<[string, Values, Values, readonly Finding[]]>([
    ["new, and closed", null, pool(), []],
    ["new, and open to everybody", null, pool(OPEN), [openText]],
    ["opened to everybody", pool(), pool(OPEN), [openText]],
    ["closed", pool(OPEN), pool(), [{ text: "self sign-up is off: administrators alone make accounts" }]],
    [
      "without a second factor from now on",
      pool(),
      pool({ mfa_configuration: "OFF" }),
      [widening("a second factor is off instead of optional")],
    ],
    [
      "with a second factor that everybody needs",
      pool(),
      pool({ mfa_configuration: "ON" }),
      [{ text: "a second factor is required instead of optional" }],
    ],
    [
      "with weaker passwords",
      pool(),
      pool({ password_policy: [{ minimum_length: 8, require_symbols: false }] }),
      [widening("passwords have at least 8 characters instead of 12"), widening("passwords need no symbols any more")],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(said(POOL, before, after)).toEqual(expected);
  });

  it.each([
    ["replaced", pool(), REPLACED],
    ["removed", null, {}],
  ])("%s: people lose what they have, in the layer's own words alone", (kind, after, more) => {
    const document = plan([change(POOL, pool(), after, more)]);
    const { shared } = summarise(document, undefined, usersFindings);
    expect(shared[0]?.findings).toEqual([
      losing(
        `${kind} with ${POOL}: people lose their accounts, passwords and second factors, and what is under the prefixes of their identities`,
      ),
    ]);
  });
});

describe("the app client", () => {
  const CLI = "aws_cognito_user_pool_client.cli";
  const client = (more = {}): Values => ({
    explicit_auth_flows: ["ALLOW_USER_SRP_AUTH"],
    allowed_oauth_flows: ["code"],
    allowed_oauth_scopes: ["openid"],
    callback_urls: ["http://localhost:18271/callback"],
    refresh_token_validity: 30,
    ...more,
  });

  it.each<[string, Values, readonly Finding[]]>([
    ["nothing", client(), []],
    [
      "passwords as they are",
      client({ explicit_auth_flows: ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH"] }),
      [widening("passwords may be sent to Cognito as they are, not only proven by SRP")],
    ],
    [
      "the implicit grant",
      client({ allowed_oauth_flows: ["code", "implicit"] }),
      [widening("the implicit grant is allowed: tokens are in addresses that browsers remember")],
    ],
    [
      "another callback",
      client({ callback_urls: ["http://localhost:18271/callback", "https://app.example.com/"] }),
      [widening("sign-ins may now also end at https://app.example.com/")],
    ],
    [
      "a longer session",
      client({ refresh_token_validity: 60 }),
      [widening("people stay signed in for 60 days instead of 30")],
    ],
    [
      "a shorter one",
      client({ refresh_token_validity: 1 }),
      [{ text: "people stay signed in for 1 days instead of 30" }],
    ],
  ])("changes: %s", (_, after, expected) => {
    expect(said(CLI, client(), after)).toEqual(expected);
  });

  it("that is replaced signs everybody out; of a service's the general words are used", () => {
    expect(said(CLI, client(), client(), REPLACED)).toEqual([losing(expect.stringMatching(/everybody who signed in/))]);
    const service = change("aws_cognito_user_pool_client.service_job", client(), null);
    const { shared } = summarise(plan([service]), undefined, usersFindings);
    expect(shared[0]?.findings).toEqual([losing(expect.stringMatching(/its client id and secret/))]);
  });

  it("of a service may get scopes", () => {
    const scopes = { allowed_oauth_scopes: ["API/get"] };
    expect(said("aws_cognito_user_pool_client.service_job", null, client(scopes))).toEqual([
      widening("may get the scopes API/get"),
    ]);
  });
});

describe("the identity pool", () => {
  const POOL = "aws_cognito_identity_pool.users";
  const pool = (more = {}): Values => ({
    allow_unauthenticated_identities: false,
    allow_classic_flow: false,
    cognito_identity_providers: [{ server_side_token_check: true }],
    ...more,
  });
  const GUESTS = { allow_unauthenticated_identities: true };
  const CLASSIC = { allow_classic_flow: true };

  it.each<[string, Values, Values, readonly Finding[]]>([
    ["new", null, pool(), []],
    [
      "new, with guests",
      null,
      pool(GUESTS),
      [widening("guests are allowed: anybody gets credentials without signing in")],
    ],
    ["without guests again", pool(GUESTS), pool(), [{ text: "guests are no longer allowed" }]],
    [
      "with the basic flow",
      pool(),
      pool(CLASSIC),
      [widening("the basic flow is allowed: people name the role that they want, for up to its longest session")],
    ],
    ["without it", pool(CLASSIC), pool(), [{ text: "the basic flow is no longer allowed: sessions last an hour" }]],
    [
      "that asks nobody about tokens",
      pool(),
      pool({ cognito_identity_providers: [{ server_side_token_check: false }] }),
      [widening("tokens are not checked with the user pool: people who were signed out or disabled get credentials")],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(said(POOL, before, after)).toEqual(expected);
  });

  it("gives people without a group's role something, or nothing", () => {
    const attached = (resolution: string): Values => ({ role_mapping: [{ ambiguous_role_resolution: resolution }] });
    const address = "aws_cognito_identity_pool_roles_attachment.users";
    expect(said(address, attached("Deny"), attached("AuthenticatedRole"))).toEqual([
      widening("people whose groups have no role may get users_authenticated"),
    ]);
    expect(said(address, attached("AuthenticatedRole"), attached("Deny"))).toEqual([
      { text: "people whose groups have no role get no credentials" },
    ]);
  });

  it("that goes takes the identities with it", () => {
    expect(said(POOL, pool(), null)).toEqual(
      [
        { text: expect.stringContaining("guests") },
        losing(expect.stringMatching(/people lose their identities/)),
      ].slice(1),
    );
  });
});

describe("people", () => {
  const ann = (more = {}): Values => ({ username: "ann@example.com", enabled: true, ...more });
  const USER = "aws_cognito_user.ann_example_com";
  const MEMBER = "aws_cognito_user_in_group.ann_example_com_admins";
  const member = { username: "ann@example.com", group_name: "admins" };

  it.each<[string, string, Values, Values, readonly Finding[]]>([
    ["an invitation", USER, null, ann(), [widening("ann@example.com is invited, and may sign in")]],
    ["an account that is off", USER, null, ann({ enabled: false }), []],
    [
      "an account that is switched off",
      USER,
      ann(),
      ann({ enabled: false }),
      [{ text: "ann@example.com may no longer sign in; credentials that are out last until they expire" }],
    ],
    [
      "one that is switched on again",
      USER,
      ann({ enabled: false }),
      ann(),
      [widening("ann@example.com may sign in again")],
    ],
    ["into a group", MEMBER, null, member, [widening("puts ann@example.com into the group admins")]],
    [
      "out of a group",
      MEMBER,
      member,
      null,
      [{ text: "takes ann@example.com out of the group admins; credentials that are out last until they expire" }],
    ],
  ])("%s", (_, address, before, after, expected) => {
    expect(said(address, before, after)).toEqual(expected);
  });

  it("an account that is removed has a prefix that nobody gets back", () => {
    expect(said(USER, ann(), null)).toContainEqual(losing(expect.stringMatching(/another prefix/)));
  });
});

describe("a group", () => {
  const ROLE = "aws_iam_role.group_admins";
  const POLICY = "aws_iam_role_policy.s3_admins";
  const policy = (...statements: readonly PolicyStatement[]): Values => ({
    policy: policyJson(policyDocument(...statements)),
  });
  const own = s3Statements({ bucket: "b", prefix: "users/", userSpecific: true, permissions: "full" });
  const shared = s3Statements({ bucket: "b", prefix: "shared/", userSpecific: false, permissions: "read" });
  const rows = rowStatements(
    { table: "notes", userSpecific: true, permissions: "read" },
    { region: "eu-west-1", id: "123456789012" },
  );
  const role = (guard?: { readonly roleArn: string }, seconds = 3600): Values => ({
    assume_role_policy: policyJson(identityPoolTrust("eu-west-1:1", "authenticated", guard)),
    max_session_duration: seconds,
  });

  it("may reach what its policies say, under each person's own identity", () => {
    expect(said(POLICY, policy(...own), policy(...own, ...shared))).toEqual([widening("may now also read shared/")]);
    expect(said(POLICY, null, policy(...own))).toEqual([
      widening("may write, read, delete and list users/<own identity>/"),
    ]);
    expect(said("aws_iam_role_policy.dynamodb_admins", null, policy(...rows))).toEqual([
      widening(
        "may read several items at once of, read items of and query arn:aws:dynamodb:eu-west-1:123456789012:table/notes where the partition key is their own identity",
      ),
    ]);
    expect(said(POLICY, policy(...shared), null)).toEqual([{ text: "may no longer read shared/" }]);
  });

  it("has a role that may be taken by others, or for longer", () => {
    const guard = { roleArn: "arn:aws:iam::123456789012:role/r" };
    const unguarded = said(ROLE, role(guard), role());
    expect(unguarded).toContainEqual({
      text: expect.stringMatching(/^its trust: may now also be assumed by cognito-identity/),
      mark: "widens-access",
    });
    expect(said(ROLE, role(), role(undefined, 43_200))).toEqual([
      widening("its sessions last at most 43200 seconds instead of 3600"),
    ]);
    expect(said(ROLE, role(undefined, 43_200), role())).toEqual([
      { text: "its sessions last at most 3600 seconds instead of 43200" },
    ]);
  });

  it("that is new trusts a pool that may be new too", () => {
    const unknown = { assume_role_policy: undefined, max_session_duration: 3600 };
    expect(said(ROLE, null, unknown)).toEqual([
      { text: expect.stringMatching(/^who may take it is known only after the apply/) },
    ]);
    expect(
      said(ROLE, null, {
        ...role(),
        assume_role_policy: policyJson(policyDocument({ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" })),
      }),
    ).toEqual([widening("its trust: may be assumed by everyone")]);
  });

  it("has another precedence, so that people of several get another role", () => {
    const group = (precedence: number): Values => ({ name: "admins", precedence });
    expect(said("aws_cognito_user_group.admins", group(10), group(1))).toEqual([
      widening("its precedence is 1 instead of 10: people who are in other groups too may get another role"),
    ]);
  });

  it("is a subject of the report, with everybody's role beside it, whatever it is named", () => {
    const layer = LAYERS.find(({ name }) => name === "users");
    const changes = [
      change("aws_cognito_user_group.list_x", null, { name: "list_x", precedence: 1 }),
      change("aws_iam_role.group_list_x", null, role()),
      change("aws_iam_role_policy.s3_list_x", null, policy(...shared)),
      change("aws_iam_role.users_authenticated", null, role()),
      change("aws_iam_role_policy.s3_users_authenticated", null, policy(...own)),
    ];
    const summary = summarise(plan(changes), layer?.subject, usersFindings);
    expect(summary.servers).toEqual([]);
    const text = asText({
      environment: "dev",
      notes: [],
      layers: [{ layer: "users", status: "planned", exitCode: 2, summary, terraform: "" }],
    });
    expect(text).toContain("users-dev: 5 to add, 0 to replace, 0 to destroy (2 × WIDENS ACCESS)");
    expect(text).toContain("+ group list_x: added\n    ! WIDENS ACCESS: may read shared/");
    expect(text).toContain(
      "+ group users_authenticated: added\n    ! WIDENS ACCESS: may write, read, delete and list users/<own identity>/",
    );
  });
});
