import { bucketArn } from "../../access/arn";
import { type ClientRole, MAX_SESSION_SECONDS, parseClientRoleItem, roleSessionName } from "../../access/client-role";
import { scopesInClaim } from "../../access/permission-level";
import { sessionPolicy } from "../../access/policy";
import type { Deployment, Resource } from "./deployment";
import { decide, type Principal, type Roles, sessionArn, tokenMinutes } from "./roles";

/** The vending function's role and settings. */
export interface Vending {
  readonly role: Resource;
  readonly roleArn: string;
  setting(name: string): string;
}

/** The vending function of the environment; undefined where it has none. */
export function vendingOf(deployment: Deployment, roles: Roles): Vending | undefined {
  const found = deployment
    .resources("aws_lambda_function")
    .find(({ attributes }) => "CLIENT_ROLES_TABLE" in of(attributes));
  if (found === undefined) return undefined;
  const roleArn = deployment.text(found, "role") ?? "";
  const role = roles.find(roleArn);
  if (role === undefined) throw new Error(`the vending function has the role ${roleArn}, which no layer makes`);
  const setting = (name: string) => deployment.filledIn(of(found.attributes)[name] ?? "", found.layer);
  return { role, roleArn, setting };
}

function of(attributes: Resource["attributes"]): Readonly<Record<string, string>> {
  return (attributes.environment as { variables?: Record<string, string> } | undefined)?.variables ?? {};
}

export interface Walked {
  readonly principals: readonly Principal[];
  /** The roles that are had by these ways. */
  readonly roles: readonly Resource[];
  /** Ways that lead nowhere, or further than they should, in words. */
  readonly faults: readonly string[];
}

/** App client ▶ item of the client-roles table ▶ role, for every server, as the vending function goes it. */
export async function walkServers(deployment: Deployment, roles: Roles, vending: Vending): Promise<Walked> {
  const clients = new Map(
    deployment.resources("aws_cognito_user_pool_client").map((each) => [deployment.id(each), each]),
  );
  const principals: Principal[] = [];
  const found: Resource[] = [];
  const faults: string[] = [];
  const pool = vending.setting("USER_POOL_ID");
  if (!deployment.resources("aws_cognito_user_pool").some((each) => deployment.id(each) === pool))
    faults.push(`the vending function believes tokens of the user pool ${pool}, which no layer makes`);
  for (const each of deployment.resources("aws_dynamodb_table_item")) {
    if (deployment.text(each, "table_name") !== vending.setting("CLIENT_ROLES_TABLE")) continue;
    const item = parseClientRoleItem(JSON.parse(deployment.text(each, "item") ?? "{}"));
    const say = (fault: string) => faults.push(`server ${item.serverName}: ${fault}`);
    const client = clients.get(item.clientId);
    const role = roles.find(item.roleArn);
    if (client === undefined) say(`the client-roles table names the app client ${item.clientId}, which no layer makes`);
    if (role === undefined) say(`the client-roles table names the role ${item.roleArn}, which no layer makes`);
    if (role !== undefined) found.push(role);
    if (client === undefined || role === undefined) continue;
    const strangers = roles.trusted(role).filter((trusted) => trusted !== vending.roleArn);
    if (strangers.length > 0) say(`its role trusts ${strangers.join(", ")} too`);
    const refusal = await refusalToAssume(vending, roles, role, item);
    if (refusal === undefined) principals.push(server(deployment, { roles, vending, item, client, role }));
    else say(`the vending function may not assume its role: ${refusal}`);
  }
  return { principals, roles: found, faults };
}

interface Way {
  readonly roles: Roles;
  readonly vending: Vending;
  readonly item: ClientRole;
  readonly client: Resource;
  readonly role: Resource;
}

function server(deployment: Deployment, { roles, vending, item, client, role }: Way): Principal {
  const claim = ((client.attributes.allowed_oauth_scopes ?? []) as string[]).map((scope) =>
    deployment.filledIn(scope, client.layer),
  );
  const inToken = scopesInClaim(claim.join(" "), vending.setting("RESOURCE_SERVER_IDENTIFIER"));
  const scopes = inToken.filter((scope) => item.allowedScopes.includes(scope));
  return {
    kind: "server",
    name: item.serverName,
    arn: sessionArn(item.roleArn, roleSessionName(item.serverName)),
    policies: roles.policiesOf(role),
    sessionPolicy: sessionPolicy(bucketArn(vending.setting("S3_BUCKET")), item.s3PathPrefix, scopes),
    context: {},
    credentials: {
      seconds: Math.min(item.maxSessionDuration, roles.maxSeconds(role), MAX_SESSION_SECONDS),
      token: {
        kind: "access token",
        client: deployment.text(client, "name") ?? client.name,
        minutes: tokenMinutes(client, "access_token"),
        scopes,
      },
    },
  };
}

/** Why IAM, or the function itself, would not let the function have a role; undefined where it may. */
async function refusalToAssume(
  vending: Vending,
  roles: Roles,
  role: Resource,
  item: ClientRole,
): Promise<string | undefined> {
  const start = vending.setting("SERVER_ROLE_PREFIX");
  if (!item.roleArn.startsWith(start)) return `its ARN does not begin with ${start}`;
  const question = { resource: item.roleArn, context: roles.tagContext(role), resourcePolicy: roles.trustOf(role) };
  for (const action of ["sts:AssumeRole", "sts:TagSession"]) {
    const { allowed, reason } = await decide(roles.principal(vending.role), { action, ...question });
    if (!allowed) return reason;
  }
  return undefined;
}
