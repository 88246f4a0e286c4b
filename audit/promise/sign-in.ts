import type { EnvironmentConfig } from "../../config";
import type { AuthFlow } from "../../config/schema/users-types";
import { blocksOf, type Deployment, type Resource } from "../stacks/deployment";
import { usersOf } from "./grants";

/** How app clients give tokens, whom an identity pool believes, and who may sign up, where it is not as configured. */
export function signInFaults(deployment: Deployment, config: EnvironmentConfig): string[] {
  return [
    ...clientFaults(deployment, config),
    ...identityPoolFaults(deployment, config),
    ...signUpFaults(deployment, config),
  ];
}

const FLOWS: Readonly<Record<Exclude<AuthFlow, "refresh">, string>> = {
  srp: "ALLOW_USER_SRP_AUTH",
  password: "ALLOW_USER_PASSWORD_AUTH",
  custom: "ALLOW_CUSTOM_AUTH",
  admin_password: "ALLOW_ADMIN_USER_PASSWORD_AUTH",
};

/** People have one app client, without a secret; all others are machines', which prove by a secret who they are. */
function clientFaults(deployment: Deployment, config: EnvironmentConfig): string[] {
  const users = usersOf(config);
  const signIn = new Set<string>(
    users === undefined ? [] : users.authFlows.flatMap((flow) => (flow === "refresh" ? [] : [FLOWS[flow]])),
  );
  if (signIn.size === 0) signIn.add("ALLOW_CUSTOM_AUTH");
  const oauth = new Set(users?.domain === undefined ? [] : users.implicitGrant ? ["code", "implicit"] : ["code"]);
  return deployment.resources("aws_cognito_user_pool_client").flatMap((client) => {
    const name = deployment.text(client, "name") ?? client.name;
    const isPeoples = client.layer === "users" && name === users?.clientName;
    const meant = isPeoples
      ? { allowed_oauth_flows: oauth, explicit_auth_flows: signIn }
      : {
          allowed_oauth_flows: new Set(["client_credentials"]),
          explicit_auth_flows: new Set(["ALLOW_REFRESH_TOKEN_AUTH"]),
        };
    const more = Object.entries(meant).flatMap(([attribute, flows]) =>
      ((client.attributes[attribute] ?? []) as string[])
        .filter((flow) => !flows.has(flow))
        .map((flow) => `app client ${name}: ${attribute} has ${flow}, which is not meant`),
    );
    const isSecret = isPeoples || client.attributes.generate_secret === true;
    return isSecret ? more : [...more, `app client ${name}: has no secret, so that whoever knows its id gets tokens`];
  });
}

/** Attributes of an identity pool that each make it believe somebody else's word. */
const OTHER_PROVIDERS = [
  "supported_login_providers",
  "openid_connect_provider_arns",
  "saml_provider_arns",
  "developer_provider_name",
];

function identityPoolFaults(deployment: Deployment, config: EnvironmentConfig): string[] {
  const users = usersOf(config);
  const clients = new Map(
    deployment
      .resources("aws_cognito_user_pool_client")
      .map((client) => [deployment.id(client), deployment.text(client, "name")]),
  );
  const userPools = deployment
    .resources("aws_cognito_user_pool")
    .flatMap((each) => (each.layer === "users" ? [deployment.id(each)] : []));
  const pools = deployment.resources("aws_cognito_identity_pool").flatMap((pool) => {
    const say = (fault: string) => `identity pool ${deployment.text(pool, "identity_pool_name")}: ${fault}`;
    const guests = pool.attributes.allow_unauthenticated_identities === true;
    const byTokens = blocksOf(pool, "cognito_identity_providers").flatMap(
      ({ client_id: id, provider_name: provider, server_side_token_check: isChecked }) => {
        const believed = deployment.filledIn(String(provider), pool.layer);
        const name = clients.get(deployment.filledIn(String(id), pool.layer)) ?? String(id);
        return [
          ...(name === users?.clientName ? [] : [say(`believes tokens of the app client ${name} too`)]),
          ...(userPools.some((made) => believed.endsWith(`/${made}`))
            ? []
            : [say(`believes ${believed}, which no layer makes`)]),
          ...(isChecked === true ? [] : [say(`believes tokens of people who were signed out or disabled (${name})`)]),
        ];
      },
    );
    return [
      ...(guests && users?.identityPool?.guests === undefined ? [say("lets guests in, without signing in")] : []),
      ...byTokens,
      ...OTHER_PROVIDERS.filter((name) => pool.attributes[name] !== undefined).map((name) =>
        say(`believes others: ${name} is ${JSON.stringify(pool.attributes[name])}`),
      ),
    ];
  });
  const rules = deployment.resources("aws_cognito_identity_pool_roles_attachment").flatMap((attachment) =>
    blocksOf(attachment, "role_mapping")
      .filter(({ type }) => type !== "Token")
      .map(({ mapping_rule: rule }) => `roles of people are chosen by rules, not by groups: ${JSON.stringify(rule)}`),
  );
  return [...pools, ...rules];
}

function signUpFaults(deployment: Deployment, config: EnvironmentConfig): string[] {
  const users = usersOf(config);
  return deployment.resources("aws_cognito_user_pool").flatMap((pool) => {
    const ofPeople = pool.layer === "users" ? users : undefined;
    const say = (fault: string) => `user pool ${deployment.text(pool, "name")}: ${fault}`;
    const functions = new Set(ofPeople?.triggers.map(({ lambdaArn }) => lambdaArn));
    const others = triggersOf(deployment, pool).filter(([, arn]) => !functions.has(arn));
    return [
      ...(isOpen(pool) && ofPeople?.selfSignUp !== true ? [say("anybody may sign up")] : []),
      ...others.map(([trigger, arn]) => say(`calls ${arn} at ${trigger}, which is not in the configuration`)),
    ];
  });
}

/** Whether people may make an account themselves. */
export function isOpen(pool: Resource): boolean {
  const [settings] = blocksOf(pool, "admin_create_user_config");
  return settings?.allow_admin_create_user_only !== true;
}

/** The functions that a user pool calls, by what it calls them at. */
export function triggersOf(deployment: Deployment, pool: Resource): [trigger: string, arn: string][] {
  const [settings = {}] = blocksOf(pool, "lambda_config");
  return Object.entries(settings).map(([trigger, value]) => {
    const arn = typeof value === "string" ? value : JSON.stringify(value);
    return [trigger, deployment.filledIn(arn, pool.layer)];
  });
}
