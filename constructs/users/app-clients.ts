import { CognitoUserPoolClient } from "@cdktf/provider-aws/lib/cognito-user-pool-client";
import { Construct } from "constructs";
import type { ClientConfig } from "../../config/schema/api-types";
import type { AuthFlow, UsersConfig } from "../../config/schema/users-types";
import { machineClient } from "../machine-client";
import { protection } from "../protection";
import { afterResourceServers } from "../resource-server";
import { literal, reference } from "../terraform-text";
import { readableAttributes, writableAttributes } from "./attributes";

const CLI = "aws_cognito_user_pool_client.cli";
/** While an answer with a new refresh token is on its way, and may be lost, the old one still works. */
const ROTATION_GRACE_SECONDS = 10;

const FLOWS: Readonly<Record<Exclude<AuthFlow, "refresh">, string>> = {
  srp: "ALLOW_USER_SRP_AUTH",
  password: "ALLOW_USER_PASSWORD_AUTH",
  custom: "ALLOW_CUSTOM_AUTH",
  admin_password: "ALLOW_ADMIN_USER_PASSWORD_AUTH",
};

export interface AppClientsProps {
  readonly config: UsersConfig;
  readonly userPoolId: string;
}

/** What people sign in by, and the confidential clients of services beside it. */
export class AppClients extends Construct {
  readonly cliId = reference(CLI, "id");

  constructor(scope: Construct, id: string, props: AppClientsProps) {
    super(scope, id);
    this.cli(props);
    for (const client of props.config.serviceClients) this.service(client, props);
  }

  /** A public client: a secret on every laptop would be none. */
  private cli({ config, userPoolId }: AppClientsProps): void {
    const { accessTokenValidityMinutes, idTokenValidityMinutes, refreshTokenValidityDays } = config;
    new CognitoUserPoolClient(this, CLI, {
      name: literal(config.clientName),
      userPoolId,
      // No word of a secret: a client that is taken over has none in Terraform's state either.
      explicitAuthFlows: authFlows(config),
      refreshTokenRotation: rotation(config),
      ...browserLogin(config),
      preventUserExistenceErrors: "ENABLED",
      enableTokenRevocation: true,
      readAttributes: readableAttributes(config),
      writeAttributes: writableAttributes(config),
      accessTokenValidity: accessTokenValidityMinutes,
      idTokenValidity: idTokenValidityMinutes,
      refreshTokenValidity: refreshTokenValidityDays,
      tokenValidityUnits: [{ accessToken: "minutes", idToken: "minutes", refreshToken: "days" }],
      ...protection(config.deletionProtection),
    });
  }

  private service(client: ClientConfig, { config, userPoolId }: AppClientsProps): void {
    const { grantedScopes: scopes, accessTokenValidityMinutes } = client;
    new CognitoUserPoolClient(this, serviceClientAddress(client), {
      name: literal(client.name),
      userPoolId,
      ...machineClient({ accessTokenValidityMinutes, deletionProtection: config.deletionProtection }),
      allowedOauthScopes: scopes.map(literal),
      preventUserExistenceErrors: "ENABLED",
      dependsOn: afterResourceServers(scopes, config.resourceServers),
    });
  }
}

/** With none at all Cognito would allow its own choice; a flow of triggers that the pool has not lets nobody in. */
function authFlows({ authFlows }: UsersConfig): string[] {
  const flows = authFlows.filter((flow) => flow !== "refresh").map((flow) => FLOWS[flow]);
  return flows.length > 0 ? flows : ["ALLOW_CUSTOM_AUTH"];
}

/** Refresh tokens that rotate are renewed by GetTokensFromRefreshToken, and `ALLOW_REFRESH_TOKEN_AUTH` is refused. */
function rotation({ authFlows }: UsersConfig) {
  return authFlows.includes("refresh")
    ? [{ feature: "ENABLED", retryGracePeriodSeconds: ROTATION_GRACE_SECONDS }]
    : [{ feature: "DISABLED" }];
}

function browserLogin({ domain, callbackUrls, logoutUrls, oauthScopes, implicitGrant }: UsersConfig) {
  if (domain === undefined) return { allowedOauthFlowsUserPoolClient: false };
  return {
    allowedOauthFlowsUserPoolClient: true,
    allowedOauthFlows: ["code", ...(implicitGrant ? ["implicit"] : [])],
    allowedOauthScopes: oauthScopes.map(literal),
    callbackUrls: callbackUrls.map(literal),
    logoutUrls: logoutUrls.map(literal),
    supportedIdentityProviders: ["COGNITO"],
  };
}

/** The address of a service's client. */
export function serviceClientAddress({ address }: ClientConfig): string {
  return `aws_cognito_user_pool_client.service_${address}`;
}
