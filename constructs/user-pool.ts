import { CognitoResourceServer } from "@cdktf/provider-aws/lib/cognito-resource-server";
import { CognitoUserPool } from "@cdktf/provider-aws/lib/cognito-user-pool";
import { CognitoUserPoolDomain } from "@cdktf/provider-aws/lib/cognito-user-pool-domain";
import { Construct } from "constructs";
import { SCOPE_DESCRIPTIONS } from "../access/permission-level";
import { userPoolDomain } from "../access/user-pool";
import type { FoundationConfig } from "../config/schema/types";
import { protection } from "./protection";
import { literal } from "./terraform-text";

export interface UserPoolProps {
  readonly config: FoundationConfig;
  /** The AWS account's id: part of the domain, since that is unique in the region over all accounts. */
  readonly accountId: string;
}

/** The Cognito user pool that issues access tokens to servers, its token endpoint's domain and its custom scopes. */
export class UserPool extends Construct {
  readonly id: string;
  readonly arn: string;
  /** The domain's prefix. */
  readonly domain: string;
  readonly tokenEndpoint: string;
  readonly issuerUrl: string;
  readonly resourceServerIdentifier: string;

  constructor(scope: Construct, id: string, { config, accountId }: UserPoolProps) {
    super(scope, id);
    const { awsRegion, environment, projectName } = config;

    const pool = new CognitoUserPool(this, "aws_cognito_user_pool.s3_uploader", {
      name: `${projectName}-${environment}`,
      adminCreateUserConfig: { allowAdminCreateUserOnly: true },
      accountRecoverySetting: { recoveryMechanism: [{ name: "admin_only", priority: 1 }] },
      deletionProtection: config.deletionProtection ? "ACTIVE" : "INACTIVE",
      lifecycle: {
        ...protection(config.deletionProtection).lifecycle,
        // Of how people sign in, which nobody does here. AWS can change none of these: a pool that is taken over keeps
        // its own, and is not replaced for them.
        ignoreChanges: ["alias_attributes", "schema", "username_attributes", "username_configuration"],
      },
    });
    const domain = new CognitoUserPoolDomain(this, "aws_cognito_user_pool_domain.s3_uploader", {
      domain: userPoolDomain(config, accountId),
      userPoolId: pool.id,
      ...protection(config.deletionProtection),
    });
    const resourceServer = new CognitoResourceServer(this, "aws_cognito_resource_server.s3_uploader", {
      identifier: literal(config.resourceServerIdentifier),
      name: `S3 Uploader API - ${environment}`,
      userPoolId: pool.id,
      scope: Object.entries(SCOPE_DESCRIPTIONS).map(([scopeName, scopeDescription]) => ({
        scopeName,
        scopeDescription,
      })),
      ...protection(config.deletionProtection),
    });

    this.id = pool.id;
    this.arn = pool.arn;
    this.domain = domain.domain;
    this.tokenEndpoint = `https://${domain.domain}.auth.${awsRegion}.amazoncognito.com/oauth2/token`;
    this.issuerUrl = `https://cognito-idp.${awsRegion}.amazonaws.com/${pool.id}`;
    this.resourceServerIdentifier = resourceServer.identifier;
  }
}
