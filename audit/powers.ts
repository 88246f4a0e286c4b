import { ACCOUNT, type Deployment, type Resource } from "./stacks/deployment";
import { atBest, mayAllow, opened, type Policy } from "./stacks/policies";
import { decide, type Principal, type Roles } from "./stacks/roles";
import type { Vending } from "./stacks/servers";

/** A way to what the servers reach that is not a server's own: whoever has it decides about them. */
export interface Power {
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

const CHANGE_ITEMS = [
  ...["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"],
  ...["PartiQLInsert", "PartiQLUpdate", "PartiQLDelete", "PutResourcePolicy"],
].map((name) => `dynamodb:${name}`);

function questions(deployment: Deployment, roles: Roles, vending: Vending): Question[] {
  const resources = (type: string, isMeant: (each: Resource) => boolean = () => true): Target[] =>
    deployment
      .resources(type)
      .filter(isMeant)
      .map((each) => ({ arn: deployment.arn(each), context: {} }));
  const table = (setting: string) =>
    resources("aws_dynamodb_table", (each) => deployment.text(each, "name") === vending.setting(setting));
  const server = vending.setting("SERVER_ROLE_PREFIX");
  const ofServers = roles.all().filter((role) => deployment.arn(role).startsWith(server));
  const serverRoles = ofServers.map((role) => ({ arn: deployment.arn(role), context: roles.tagContext(role) }));
  const trusting = ofServers.map((role, index) => ({ ...serverRoles[index], trust: roles.trustOf(role) }) as Target);
  return [
    { does: "takes the roles of servers", actions: ["sts:AssumeRole"], on: trusting },
    {
      does: "changes what the roles of servers allow",
      actions: [
        "PutRolePolicy",
        "DeleteRolePolicy",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "UpdateAssumeRolePolicy",
      ].map((name) => `iam:${name}`),
      on: serverRoles,
    },
    { does: "says which app client has which role", actions: CHANGE_ITEMS, on: table("CLIENT_ROLES_TABLE") },
    { does: "switches servers off and on", actions: CHANGE_ITEMS, on: table("CLIENT_CONTROLS_TABLE") },
    { does: "notes when servers were seen", actions: CHANGE_ITEMS, on: table("CLIENT_ACTIVITY_TABLE") },
    {
      does: "changes who may reach the bucket at all",
      actions: ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketPublicAccessBlock"],
      on: resources("aws_s3_bucket"),
    },
    {
      does: "changes functions",
      actions: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"],
      on: resources("aws_lambda_function"),
    },
    {
      does: "has secrets of app clients",
      actions: [
        "DescribeUserPoolClient",
        "CreateUserPoolClient",
        "UpdateUserPoolClient",
        "AddUserPoolClientSecret",
      ].map((name) => `cognito-idp:${name}`),
      on: resources("aws_cognito_user_pool"),
    },
  ];
}

/** Which of these each principal has, by IAM's rules. */
export async function powersOf(
  principals: readonly Principal[],
  of: { readonly deployment: Deployment; readonly roles: Roles; readonly vending: Vending },
): Promise<Power[]> {
  const asked = questions(of.deployment, of.roles, of.vending);
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
    .replace(/(arn:aws:[a-z0-9-]+:[a-z0-9-]*:)\d{12}:/g, `$1${ACCOUNT}:`)
    .replace(/(:userpool\/)[a-z]{2}-[a-z]+-\d_\w+/g, "$1*");
  return { name, document: JSON.parse(text) };
}

async function maySomewhere(who: Principal, action: string, on: readonly Target[]): Promise<boolean> {
  if (!mayAllow(who.policies, action)) return false;
  for (const { arn, context, trust } of on) {
    if ((await decide(who, { action, resource: arn, context, resourcePolicy: trust })).allowed) return true;
  }
  return false;
}
