import { CognitoIdentityPool } from "@cdktf/provider-aws/lib/cognito-identity-pool";
import { CognitoIdentityPoolProviderPrincipalTag } from "@cdktf/provider-aws/lib/cognito-identity-pool-provider-principal-tag";
import { CognitoIdentityPoolRolesAttachment } from "@cdktf/provider-aws/lib/cognito-identity-pool-roles-attachment";
import { Construct } from "constructs";
import { roleArn } from "../../access/arn";
import { identityPoolTrust, PRINCIPAL_TAGS } from "../../access/people";
import type { GroupConfig, IdentityPoolConfig, PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import { protection } from "../protection";
import { literal, reference } from "../terraform-text";
import { PeopleRole } from "./people-role";
import { rolesWithLongSessions } from "./sessions";

const POOL = "aws_cognito_identity_pool.users";
const AUTHENTICATED = "users_authenticated";
const UNAUTHENTICATED = "users_unauthenticated";

export interface PeopleIdentityPoolProps {
  readonly config: UsersConfig;
  readonly identityPool: IdentityPoolConfig;
  /** The user pool, as identity pools name it. */
  readonly provider: string;
  readonly clientId: string;
  readonly accountId: string;
}

/** Trades people's tokens for AWS credentials of the role that they have by their group. */
export class PeopleIdentityPool extends Construct {
  readonly id = reference(POOL, "id");
  readonly authenticatedRoleArn: string;
  readonly unauthenticatedRoleArn: string | undefined;
  /** By the groups' keys; groups that grant nothing have none. */
  readonly groupRoleArns: ReadonlyMap<string, string>;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: PeopleIdentityPoolProps,
  ) {
    super(scope, id);
    const { config, identityPool, provider, clientId } = props;
    new CognitoIdentityPool(this, POOL, {
      identityPoolName: literal(identityPool.name),
      allowUnauthenticatedIdentities: identityPool.guests !== undefined,
      allowClassicFlow: rolesWithLongSessions(config).length > 0,
      // Without the check, people who were signed out, disabled or deleted would get credentials while their token lives.
      cognitoIdentityProviders: [{ clientId, providerName: provider, serverSideTokenCheck: true }],
      ...protection(config.deletionProtection),
    });
    this.authenticatedRoleArn = this.everybodysRole();
    this.unauthenticatedRoleArn = this.guestsRole();
    this.groupRoleArns = new Map(config.groups.flatMap((group) => this.groupRole(group)));
    // Also where no claim becomes a tag: taken away, it would leave Cognito's default tags, which no role would let pass.
    new CognitoIdentityPoolProviderPrincipalTag(this, "aws_cognito_identity_pool_provider_principal_tag.users", {
      identityPoolId: this.id,
      identityProviderName: provider,
      useDefaults: false,
      principalTags: config.roleTagGuard ? { ...PRINCIPAL_TAGS } : {},
    });
    this.attachRoles();
  }

  private attachRoles(): void {
    const { config, provider, clientId } = this.props;
    const { authenticatedRoleArn: authenticated, unauthenticatedRoleArn: unauthenticated } = this;
    new CognitoIdentityPoolRolesAttachment(this, "aws_cognito_identity_pool_roles_attachment.users", {
      identityPoolId: this.id,
      roles: { authenticated, ...(unauthenticated === undefined ? {} : { unauthenticated }) },
      roleMapping: [
        {
          identityProvider: `${provider}:${clientId}`,
          type: "Token",
          // Of people in no group, and of those whose groups have equal precedence: no group's role has less than this one.
          ambiguousRoleResolution: grants(config.access) ? "AuthenticatedRole" : "Deny",
        },
      ],
    });
  }

  private everybodysRole(): string {
    const { config, identityPool, clientId, accountId } = this.props;
    return new PeopleRole(this, AUTHENTICATED, {
      config,
      address: AUTHENTICATED,
      policyAddress: AUTHENTICATED,
      name: identityPool.roleName,
      description: "What people may do whose groups have no role",
      trust: identityPoolTrust(this.id, "authenticated", config.roleTagGuard ? { clientId } : undefined),
      accountId,
      access: [config.access],
      maxSessionSeconds: config.sessionDurationSeconds,
    }).arn;
  }

  private guestsRole(): string | undefined {
    const { config, identityPool, accountId } = this.props;
    if (identityPool.guests === undefined) return undefined;
    return new PeopleRole(this, UNAUTHENTICATED, {
      config,
      address: UNAUTHENTICATED,
      policyAddress: UNAUTHENTICATED,
      name: identityPool.guests.roleName,
      description: "What anybody may do without signing in",
      trust: identityPoolTrust(this.id, "unauthenticated"),
      accountId,
      access: [],
      policyJson: identityPool.guests.policyJson,
      maxSessionSeconds: GUEST_SESSION_SECONDS,
    }).arn;
  }

  /** Cognito gives a session one role: that of a group has what everybody has, too. */
  private groupRole(group: GroupConfig): [string, string][] {
    const { config, accountId } = this.props;
    const { key, address, roleName, access, policyJson, sessionDurationSeconds } = group;
    if (roleName === undefined) return [];
    // Written out: a role that refers to itself is a circle to Terraform.
    const guard = { roleArn: roleArn(accountId, roleName, config.iamPath) };
    const { arn } = new PeopleRole(this, `group-${address}`, {
      config,
      address: `group_${address}`,
      policyAddress: address,
      name: roleName,
      description: literal(`What people of the group ${key} may do`),
      trust: identityPoolTrust(this.id, "authenticated", config.roleTagGuard ? guard : undefined),
      accountId,
      access: [config.access, access],
      policyJson,
      maxSessionSeconds: sessionDurationSeconds,
    });
    return [[key, arn]];
  }
}

const GUEST_SESSION_SECONDS = 3600;

function grants({ s3, dynamodb, lambda }: PeopleAccessConfig): boolean {
  return s3 !== undefined || dynamodb !== undefined || lambda.length > 0;
}
