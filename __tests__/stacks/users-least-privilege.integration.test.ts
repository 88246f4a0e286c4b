import { evaluate } from "../../iam/evaluate";
import { configOf, usersFiles } from "../config/support/load";
import { ACCOUNT, BUCKET, grantedActions, printTable } from "../support/policy-inputs";
import { addresses, at, type StackDocument, synthesiseUsers } from "../support/synthesise";

const A = "eu-west-1:aaaaaaaa-0000-0000-0000-000000000000";
/** Begins as A does, but for the character before the slash. */
const AB = `${A}b`;
const IDENTITY_POOL = "eu-west-1:11111111-2222-3333-4444-555555555555";
const CLIENT = "1example23456789";
const TABLE = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/notes`;
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:one`;

/** Everybody has a folder and rows; admins read a shared folder and call a function besides; staff has a policy file. */
const GROUPS = `groups = {
  admins = { precedence = 1, SESSION access = { s3 = { prefix = "shared/", user_specific = false, permissions = "read" }, lambda = ["one"] } }
  staff  = { precedence = 10, policy_file = "staff.json" }
  guild  = { precedence = 20, access = { dynamodb = { table = "guild", user_specific = false, permissions = "read" } } }
}`;
const ACCESS = 'access = { s3 = { permissions = "full" }, dynamodb = { table = "notes" } }';
const STAFF = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::staff/${cognito-identity.amazonaws.com:sub}/*" },
  ],
});
const GUESTS =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/public/*"}]}';

const documentOf = async (text: string) =>
  synthesiseUsers(await configOf({ ...usersFiles(text), "staff.json": STAFF, "guests.json": GUESTS })).document;
let document: StackDocument;
let guarded: StackDocument;
beforeAll(async () => {
  const guests = 'identity_pool = { guests = true, guest_policy_file = "guests.json" }';
  document = await documentOf([ACCESS, GROUPS.replace("SESSION", ""), guests].join("\n"));
  guarded = await documentOf(
    [ACCESS, GROUPS.replace("SESSION", "session_duration = 43200,"), "role_tag_guard = true"].join("\n"),
  );
});

/** What IAM gets: Terraform's references and escapes are gone. */
function deployed(text: string): string {
  const values: Record<string, string> = {
    "data.aws_caller_identity.current.account_id": ACCOUNT,
    "aws_cognito_identity_pool.users.id": IDENTITY_POOL,
    "aws_cognito_user_pool_client.cli.id": CLIENT,
  };
  return text.replace(/(\$?)\$\{([^}]+)\}/g, (whole, before: string, name: string) => {
    const value = before === "$" ? `\${${name}}` : values[name];
    if (value === undefined) throw new Error(`no value for ${whole}`);
    return value;
  });
}

/** A role's policies, with the identity of who has it in the place of IAM's variable: the simulator knows no such one. */
function policiesOf(role: string, identity: string) {
  return addresses(document)
    .filter((address) => address.startsWith("aws_iam_role_policy."))
    .filter((address) => at(document, address).role === `\${aws_iam_role.${role}.name}`)
    .map((name) => ({
      name,
      policy: JSON.parse(
        deployed(at(document, name).policy as string).replaceAll("${cognito-identity.amazonaws.com:sub}", identity),
      ),
    }));
}

type Context = Readonly<Record<string, string | readonly string[]>>;
type Question = readonly [action: string, resource: string, context?: Context];

async function isAllowed(role: string, [action, resource, context = {}]: Question, identity = A): Promise<boolean> {
  const { allowed } = await evaluate({
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/CognitoIdentityCredentials`,
    accountId: ACCOUNT,
    action,
    resource,
    context: context as Record<string, string>,
    identityPolicies: policiesOf(role, identity),
  });
  return allowed;
}

const ROLES = ["users_authenticated", "group_admins", "group_staff", "group_guild", "users_unauthenticated"];
const keys = (...leading: readonly string[]): Context => ({ "dynamodb:LeadingKeys": leading });
const lists = (prefix: string): Context => ({ "s3:prefix": prefix });
const own = `${BUCKET}/users/${A}/a`;
const SIGNED_IN = "yyyy-";
const NOBODY = "-----";

/** Who of ROLES may, as the person with the identity A; by hand, and not from the code under test. */
const EXPECTED: readonly (readonly [who: string, ...question: Question])[] = [
  [SIGNED_IN, "s3:PutObject", own],
  [SIGNED_IN, "s3:GetObject", own],
  [SIGNED_IN, "s3:DeleteObject", own],
  [SIGNED_IN, "s3:ListBucket", BUCKET, lists(`users/${A}/`)],
  [NOBODY, "s3:PutObjectAcl", own],
  [NOBODY, "s3:GetObject", `${BUCKET}/users/${AB}/a`],
  [NOBODY, "s3:PutObject", `${BUCKET}/users/${AB}/a`],
  [NOBODY, "s3:DeleteObject", `${BUCKET}/users/${AB}/a`],
  [NOBODY, "s3:GetObject", `${BUCKET}/users/${A}`],
  [NOBODY, "s3:GetObject", `${BUCKET}/users/x/${A}/a`],
  [NOBODY, "s3:GetObject", `${BUCKET}/${A}/a`],
  [NOBODY, "s3:GetObject", `arn:aws:s3:::other/users/${A}/a`],
  [NOBODY, "s3:ListBucket", BUCKET, lists(`users/${AB}/`)],
  [NOBODY, "s3:ListBucket", BUCKET, lists(`users/${A}`)],
  [NOBODY, "s3:ListBucket", BUCKET, lists("users/")],
  [NOBODY, "s3:ListBucket", BUCKET, lists("")],
  [NOBODY, "s3:ListBucket", BUCKET],
  ["-y---", "s3:GetObject", `${BUCKET}/shared/a`],
  [NOBODY, "s3:PutObject", `${BUCKET}/shared/a`],
  [NOBODY, "s3:GetObject", `${BUCKET}/shared2/a`],
  ["--y--", "s3:GetObject", `arn:aws:s3:::staff/${A}/a`],
  [NOBODY, "s3:GetObject", `arn:aws:s3:::staff/${AB}/a`],
  ["----y", "s3:GetObject", "arn:aws:s3:::b/public/a"],
  [NOBODY, "s3:PutObject", "arn:aws:s3:::b/public/a"],
  [SIGNED_IN, "dynamodb:GetItem", TABLE, keys(A)],
  [SIGNED_IN, "dynamodb:PutItem", TABLE, keys(A)],
  [SIGNED_IN, "dynamodb:Query", TABLE, keys(A)],
  [NOBODY, "dynamodb:GetItem", TABLE, keys(AB)],
  [NOBODY, "dynamodb:BatchGetItem", TABLE, keys(A, AB)],
  [NOBODY, "dynamodb:BatchWriteItem", TABLE, keys(A, AB)],
  [NOBODY, "dynamodb:DeleteItem", TABLE, keys(AB)],
  // Without partition keys, every condition on all of them is met.
  [NOBODY, "dynamodb:Query", TABLE],
  [NOBODY, "dynamodb:Scan", TABLE],
  [NOBODY, "dynamodb:Scan", TABLE, keys(A)],
  [NOBODY, "dynamodb:Query", `${TABLE}/index/by-day`, keys(A)],
  [NOBODY, "dynamodb:DeleteTable", TABLE],
  ["---y-", "dynamodb:Scan", TABLE.replace("notes", "guild")],
  ["---y-", "dynamodb:GetItem", TABLE.replace("notes", "guild"), keys(AB)],
  [NOBODY, "dynamodb:PutItem", TABLE.replace("notes", "guild"), keys(A)],
  ["-y---", "lambda:InvokeFunction", FUNCTION],
  [NOBODY, "lambda:InvokeFunction", `${FUNCTION}2`],
  [NOBODY, "lambda:UpdateFunctionCode", FUNCTION],
  [NOBODY, "sts:AssumeRole", `arn:aws:iam::${ACCOUNT}:role/oidc-s3-users-dev-group-admins`],
  [NOBODY, "iam:PassRole", `arn:aws:iam::${ACCOUNT}:role/oidc-s3-users-dev-group-admins`],
  [NOBODY, "cognito-idp:AdminAddUserToGroup", `arn:aws:cognito-idp:eu-west-1:${ACCOUNT}:userpool/eu-west-1_x`],
];

it("each role reaches what is its person's own, or shared by its group, and nothing else", async () => {
  const rows = [["", ...ROLES]];
  for (const [who, ...question] of EXPECTED) {
    const answers: string[] = [];
    for (const role of ROLES) answers.push((await isAllowed(role, question)) ? "y" : "-");
    expect({ question, who: answers.join("") }).toEqual({ question, who });
    rows.push([question.slice(0, 2).join(" "), ...answers]);
  }
  printTable("What people may do with credentials of the identity pool, as the person with the identity …aaaa…", rows);
  for (const role of ROLES) for (const { policy } of policiesOf(role, A)) grantedActions(policy);
});

it("nobody but the identity pool lets anybody have a role of the layer", () => {
  const roles = addresses(document).filter((address) => address.startsWith("aws_iam_role."));
  expect(roles.map((address) => address.slice("aws_iam_role.".length)).sort()).toEqual([...ROLES].sort());
  for (const role of roles) {
    const { Statement } = JSON.parse(deployed(at(document, role).assume_role_policy as string));
    expect(Statement).toHaveLength(1);
    expect(Statement[0]).toMatchObject({
      Principal: { Federated: "cognito-identity.amazonaws.com" },
      Action: "sts:AssumeRoleWithWebIdentity",
    });
  }
  expect(addresses(document).filter((address) => address.startsWith("aws_iam_role_policy_attachment."))).toEqual([]);
});

const arnOf = (role: string) => `arn:aws:iam::${ACCOUNT}:role/${String(at(guarded, `aws_iam_role.${role}`).name)}`;
const AUD = "cognito-identity.amazonaws.com:aud";
const AMR = "cognito-identity.amazonaws.com:amr";
const SESSION: Context = { [AUD]: IDENTITY_POOL, [AMR]: ["authenticated", "cognito-idp.eu-west-1.amazonaws.com/x"] };
const prefers = (role: string): Context => ({ "aws:RequestTag/preferred_role": arnOf(role) });
const BY_CLIENT: Context = { "aws:RequestTag/client": CLIENT };

/** Whether whoever has a token with these claims and tags gets a role, by naming it or through Cognito. */
async function isTrusted(of: StackDocument, role: string, context: Context): Promise<boolean> {
  const { allowed } = await evaluate({
    principal: "cognito-identity.amazonaws.com",
    accountId: ACCOUNT,
    action: "sts:AssumeRoleWithWebIdentity",
    resource: `arn:aws:iam::${ACCOUNT}:role/asked`,
    context: context as Record<string, string>,
    identityPolicies: [],
    resourcePolicy: JSON.parse(deployed(at(of, `aws_iam_role.${role}`).assume_role_policy as string)),
  });
  return allowed;
}

it.each([
  ["somebody of this pool who signed in", SESSION, "yyyy-"],
  ["a guest", { ...SESSION, [AMR]: ["unauthenticated"] }, "----y"],
  ["somebody of another pool", { ...SESSION, [AUD]: A }, "-----"],
  ["somebody of no pool", {}, "-----"],
])("without long sessions %s is trusted as the role says", async (_, context, expected) => {
  const answers = [];
  for (const role of ROLES) answers.push((await isTrusted(document, role, context)) ? "y" : "-");
  expect(answers.join("")).toBe(expected);
});

describe("with long sessions, in which people name the role", () => {
  const signedIn = ROLES.slice(0, 4);
  it.each([
    ["a member of admins", () => ({ ...SESSION, ...BY_CLIENT, ...prefers("group_admins") }), "-y--"],
    ["a member of staff", () => ({ ...SESSION, ...BY_CLIENT, ...prefers("group_staff") }), "--y-"],
    ["a person in no group", () => ({ ...SESSION, ...BY_CLIENT }), "y---"],
    ["a token without tags", () => SESSION, "----"],
    ["a person of another app client", () => ({ ...SESSION, "aws:RequestTag/client": "other" }), "----"],
    [
      "a tag that names no role of the layer",
      () => ({ ...SESSION, ...BY_CLIENT, "aws:RequestTag/preferred_role": `${arnOf("group_admins")}2` }),
      "----",
    ],
    [
      "a tag with the role's name in other letters",
      () => ({ ...SESSION, ...BY_CLIENT, "aws:RequestTag/preferred_role": arnOf("group_admins").toUpperCase() }),
      "----",
    ],
    [
      "a guest with a member's tags",
      () => ({ ...SESSION, [AMR]: ["unauthenticated"], ...BY_CLIENT, ...prefers("group_admins") }),
      "----",
    ],
    [
      "a member's tags from another pool",
      () => ({ ...SESSION, [AUD]: A, ...BY_CLIENT, ...prefers("group_admins") }),
      "----",
    ],
  ])("%s gets the role that Cognito gives him, and no other", async (_, context, expected) => {
    const answers = [];
    for (const role of signedIn) answers.push((await isTrusted(guarded, role, context())) ? "y" : "-");
    expect(answers.join("")).toBe(expected);
  });

  it("tags may be passed by those alone who may have the role", () => {
    for (const role of signedIn) {
      const { Statement } = JSON.parse(deployed(at(guarded, `aws_iam_role.${role}`).assume_role_policy as string));
      // One statement: both actions have the same conditions.
      expect(Statement).toEqual([
        expect.objectContaining({ Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] }),
      ]);
    }
  });
});
