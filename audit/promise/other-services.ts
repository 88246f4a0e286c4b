import { functionArn, roleArn, tableArn } from "../../access/arn";
import { type ClientTableKind, clientTableName, ENVIRONMENT_TAG, serverRolePrefix } from "../../access/names";
import { IDENTITY } from "../../access/people";
import type { EnvironmentConfig, FoundationConfig } from "../../config";
import type { PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import { ACCOUNT, type Deployment } from "../stacks/deployment";
import { described } from "../stacks/people";
import { listed, otherThanObjects, type Statement } from "../stacks/policies";
import type { Principal, Roles } from "../stacks/roles";
import { peopleAccess, usersOf } from "./grants";

// Other services than S3 are not evaluated: what a statement there says must be what is promised, word by word.

interface Permission {
  readonly action: string;
  readonly resource: string;
  readonly condition?: Statement["Condition"];
}

export interface OthersOf {
  readonly config: EnvironmentConfig;
  readonly deployment: Deployment;
  readonly roles: Roles;
}

/** Where policies say more, or less, of other services than what is promised; of these principals, a line each. */
export function otherServiceDifferences(principals: readonly Principal[], of: OthersOf): string[] {
  const promised = promisedPermissions(principals, of);
  return principals.flatMap((who) => {
    const meant = new Map((promised.get(described(who)) ?? []).map((each) => [key(each), each]));
    const found = new Map(permissionsOf(who).map((each) => [key(each), each]));
    const more = [...found].filter(([each]) => !meant.has(each));
    const less = [...meant].filter(([each]) => !found.has(each));
    return [
      ...more.map(([, each]) => `${described(who)} may ${words(each)}, which the configuration does not grant`),
      ...less.map(([, each]) => `${described(who)} may not ${words(each)}, though the configuration grants it`),
    ];
  });
}

function key({ action, resource, condition = {} }: Permission): string {
  return JSON.stringify([action, resource, condition]);
}

function words({ action, resource, condition }: Permission): string {
  return `${action} on ${resource}${condition === undefined ? "" : ` where ${JSON.stringify(condition)}`}`;
}

function permissionsOf({ policies }: Principal): Permission[] {
  const statements = policies.flatMap(({ document }) => document.Statement);
  return statements
    .flatMap(otherThanObjects)
    .flatMap(({ Effect, Action, NotAction, Resource, NotResource, Condition }) => {
      const denied = Effect === "Deny" ? "not " : "";
      const actions = NotAction === undefined ? listed(Action) : [`all but ${listed(NotAction).join(", ")}`];
      const resources = NotResource === undefined ? listed(Resource) : [`all but ${listed(NotResource).join(", ")}`];
      return actions.flatMap((action) =>
        resources.map((resource) => ({
          action: denied + action,
          resource,
          ...(Condition === undefined ? {} : { condition: Condition }),
        })),
      );
    });
}

function promisedPermissions(principals: readonly Principal[], { config, deployment, roles }: OthersOf) {
  const users = usersOf(config);
  const ofPeople = (users === undefined ? [] : peopleAccess(users)).map(
    ({ who, access }) =>
      [described(who), access.flatMap((each) => peoplePermissions(each, users as UsersConfig))] as const,
  );
  const vending = principals.find(({ kind }) => kind === "vending function");
  const { foundation } = config;
  return new Map<string, readonly Permission[]>([
    ...ofPeople,
    ...functionLogs(deployment, roles),
    ...(foundation === undefined || vending === undefined
      ? []
      : [[described(vending), vendingPermissions(foundation)] as const]),
    ...(foundation === undefined
      ? []
      : [[described({ kind: "operators", name: "" }), operatorPermissions(foundation, deployment)] as const]),
  ]);
}

const all = (actions: readonly string[], resource: string, condition?: Statement["Condition"]): Permission[] =>
  actions.map((action) => ({ action, resource, ...(condition === undefined ? {} : { condition }) }));

const ROW_ACTIONS = {
  read: ["GetItem", "BatchGetItem", "Query"],
  "read-write": ["GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"],
};

function peoplePermissions({ dynamodb, lambda }: PeopleAccessConfig, { awsRegion: region }: UsersConfig): Permission[] {
  const functions = lambda.map((name) => (name.startsWith("arn:") ? name : functionArn(region, ACCOUNT, name)));
  const calls = functions.map((resource) => ({ action: "lambda:InvokeFunction", resource }));
  if (dynamodb === undefined) return calls;
  const table = tableArn(region, ACCOUNT, dynamodb.table);
  const actions = ROW_ACTIONS[dynamodb.permissions].map((name) => `dynamodb:${name}`);
  if (!dynamodb.userSpecific) {
    const withScan = [...actions, "dynamodb:Scan"];
    return [...calls, ...all(withScan, table), ...all(withScan, `${table}/index/*`)];
  }
  const own = {
    "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [IDENTITY] },
    Null: { "dynamodb:LeadingKeys": "false" },
  };
  return [...calls, ...all(actions, table, own)];
}

/** A function may write its own log. */
function functionLogs(deployment: Deployment, roles: Roles): [who: string, permissions: Permission[]][] {
  return deployment.resources("aws_lambda_function").flatMap((each) => {
    const role = roles.find(deployment.text(each, "role") ?? "");
    if (role === undefined) return [];
    const log = deployment.arn(each).replace(/:lambda:([^:]+:[^:]+):function:/, ":logs:$1:log-group:/aws/lambda/");
    return [
      [
        described({ kind: "role", name: roles.nameOf(role) }),
        all(["logs:CreateLogStream", "logs:PutLogEvents"], `${log}:*`),
      ],
    ];
  });
}

function vendingPermissions(foundation: FoundationConfig): Permission[] {
  const table = tablesOf(foundation);
  const roles = serverRoles(foundation);
  return [
    ...all(["dynamodb:BatchGetItem"], table("roles")),
    ...all(["dynamodb:BatchGetItem"], table("controls")),
    ...all(["dynamodb:UpdateItem"], table("activity")),
    ...all(["sts:AssumeRole"], roles, ofEnvironment(foundation)),
    ...all(["sts:TagSession"], roles),
  ];
}

function operatorPermissions(foundation: FoundationConfig, deployment: Deployment): Permission[] {
  const table = tablesOf(foundation);
  const [pool] = deployment.resources("aws_cognito_user_pool").filter(({ layer }) => layer === "foundation");
  const secrets = ["Add", "List", "Delete"].map(
    (verb) => `cognito-idp:${verb}UserPoolClientSecret${verb === "List" ? "s" : ""}`,
  );
  return [
    ...(["roles", "controls", "activity"] as const).flatMap((kind) => all(["dynamodb:Scan"], table(kind))),
    ...all(["dynamodb:GetItem", "dynamodb:PutItem"], table("controls")),
    ...all(["iam:PutRolePolicy", "iam:DeleteRolePolicy"], serverRoles(foundation), ofEnvironment(foundation)),
    ...(pool === undefined ? [] : all(secrets, deployment.arn(pool))),
    ...all(["cognito-idp:DescribeUserPoolDomain"], "*"),
  ];
}

function tablesOf(foundation: FoundationConfig): (kind: ClientTableKind) => string {
  return (kind) => tableArn(foundation.awsRegion, ACCOUNT, clientTableName(foundation, kind));
}

function serverRoles(foundation: FoundationConfig): string {
  return roleArn(ACCOUNT, `${serverRolePrefix(foundation)}*`, foundation.iamPath);
}

function ofEnvironment({ environment }: FoundationConfig): Statement["Condition"] {
  return { StringEquals: { [`iam:ResourceTag/${ENVIRONMENT_TAG}`]: environment } };
}
