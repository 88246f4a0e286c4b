import { CognitoUserPool } from "@cdktf/provider-aws/lib/cognito-user-pool";
import { CognitoUserPoolClient } from "@cdktf/provider-aws/lib/cognito-user-pool-client";
import { CognitoUserPoolDomain } from "@cdktf/provider-aws/lib/cognito-user-pool-domain";
import { Construct } from "constructs";
import type { ApiConfig, ClientConfig } from "../../config/schema/api-types";
import { machineClient } from "../machine-client";
import { protection } from "../protection";
import { afterResourceServers, resourceServer } from "../resource-server";
import { literal, literals, reference } from "../terraform-text";

const POOL = "aws_cognito_user_pool.m2m_user_pool";
const DOMAIN = "aws_cognito_user_pool_domain.m2m_domain";
/** Cognito's newer sign-in pages; nobody signs in here. */
const MANAGED_LOGIN = 2;

export interface MachineUserPoolProps {
  readonly config: ApiConfig;
  /** Also the provider's default tags: a pool that is taken over has them as its own. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The Cognito user pool whose clients are machines: its domain, the APIs' scopes, and who is granted them. */
export class MachineUserPool extends Construct {
  readonly id = reference(POOL, "id");
  readonly arn = reference(POOL, "arn");
  /** As a URL. */
  readonly domain: string;
  readonly tokenEndpoint: string;
  readonly issuerUrl: string;

  constructor(scope: Construct, id: string, { config, tags }: MachineUserPoolProps) {
    super(scope, id);
    const { awsRegion, deletionProtection } = config;
    new CognitoUserPool(this, POOL, {
      name: literal(config.userPoolName),
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      accountRecoverySetting: { recoveryMechanism: [{ name: "admin_only", priority: 1 }] },
      deletionProtection: deletionProtection ? "ACTIVE" : "INACTIVE",
      tags: literals(tags),
      lifecycle: {
        ...protection(deletionProtection).lifecycle,
        // Of how people sign in, which nobody does here. AWS can change none of these: a pool that is taken over keeps
        // its own, and is not replaced for them.
        ignoreChanges: ["alias_attributes", "schema", "username_attributes", "username_configuration"],
      },
    });
    new CognitoUserPoolDomain(this, DOMAIN, {
      domain: config.domain,
      userPoolId: this.id,
      ...(config.managedLogin ? { managedLoginVersion: MANAGED_LOGIN } : {}),
      ...protection(deletionProtection),
    });
    for (const server of config.resourceServers)
      resourceServer(this, server, { userPoolId: this.id, deletionProtection });
    for (const client of config.clients) this.client(client, config);

    this.domain = `https://${reference(DOMAIN, "domain")}.auth.${awsRegion}.amazoncognito.com`;
    this.tokenEndpoint = `${this.domain}/oauth2/token`;
    this.issuerUrl = `https://cognito-idp.${awsRegion}.amazonaws.com/${this.id}`;
  }

  private client(client: ClientConfig, { resourceServers, deletionProtection }: ApiConfig): void {
    const { grantedScopes: scopes, accessTokenValidityMinutes } = client;
    new CognitoUserPoolClient(this, clientAddress(client), {
      name: literal(client.name),
      userPoolId: this.id,
      ...machineClient({ accessTokenValidityMinutes, deletionProtection }),
      allowedOauthScopes: scopes.map(literal),
      dependsOn: afterResourceServers(scopes, resourceServers),
    });
  }
}

/** The address of a client's resource. */
export function clientAddress({ address }: ClientConfig): string {
  return `aws_cognito_user_pool_client.${address}`;
}
