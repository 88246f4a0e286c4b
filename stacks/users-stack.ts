import { DataAwsCallerIdentity } from "@cdktf/provider-aws/lib/data-aws-caller-identity";
import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import type { EnvironmentConfig } from "../config/schema/types";
import type { UsersConfig } from "../config/schema/users-types";
import { literal, reference } from "../constructs/terraform-text";
import { AppClients, serviceClientAddress } from "../constructs/users/app-clients";
import { Directory } from "../constructs/users/directory";
import { PeopleIdentityPool } from "../constructs/users/identity-pool";
import { rolesWithLongSessions } from "../constructs/users/sessions";
import { PeopleUserPool } from "../constructs/users/user-pool";
import { LayerStack, projectTags } from "./layer-stack";

const ACCOUNT = "data.aws_caller_identity.current";
/** A value of Terraform's: an output or key that is there, and says that there is nothing. */
const NOTHING = "${null}";

export interface UsersStackProps {
  readonly environment: EnvironmentConfig;
}

/** People who sign in and get AWS credentials: their accounts and groups, and what each group may reach. */
export class UsersStack extends LayerStack {
  constructor(scope: Construct, id: string, { environment }: UsersStackProps) {
    const config = environment.optional.users as UsersConfig;
    const { users: backend } = environment.backends;
    if (backend === undefined) throw new Error(`${environment.name} has no users layer`);
    super(scope, id, {
      backend,
      awsRegion: config.awsRegion,
      account: config,
      defaultTags: projectTags(config),
    });
    new DataAwsCallerIdentity(this, ACCOUNT);
    const accountId = reference(ACCOUNT, "account_id");
    const userPool = new PeopleUserPool(this, "user-pool", config);
    const clients = new AppClients(this, "app-clients", { config, userPoolId: userPool.id });
    const identityPool =
      config.identityPool &&
      new PeopleIdentityPool(this, "identity-pool", {
        config,
        identityPool: config.identityPool,
        provider: userPool.provider,
        clientId: clients.cliId,
        accountId,
      });
    new Directory(this, "directory", {
      config,
      userPoolId: userPool.id,
      roleArns: identityPool?.groupRoleArns ?? new Map(),
    });
    this.outputs({ config, userPool, clients, identityPool, accountId });
  }

  private outputs(layer: Layer): void {
    const { config, userPool, clients, identityPool } = layer;
    const ofServices = (attribute: string) =>
      Object.fromEntries(
        config.serviceClients.map((client) => [
          literal(client.key),
          reference(serviceClientAddress(client), attribute),
        ]),
      );
    const output = (name: string, description: string, value: unknown, sensitive = false) =>
      new TerraformOutput(this, name, { description, value, ...(sensitive ? { sensitive } : {}) });
    output("user_pool_id", "The Cognito user pool that has people's accounts", userPool.id);
    output("user_pool_arn", "The user pool's ARN", userPool.arn);
    output("issuer_url", "The issuer of people's tokens, as their iss claim has it", userPool.issuerUrl);
    output("domain", "Where people sign in with a browser, as a URL; null: nowhere", userPool.domain ?? NOTHING);
    output("client_id", "The app client that people sign in by", clients.cliId);
    output(
      "identity_pool_id",
      "What trades people's tokens for AWS credentials; null: nothing",
      identityPool?.id ?? NOTHING,
    );
    output("role_arns", "The roles of people: of groups by their names, and of everybody else", roleArns(identityPool));
    output("user_configuration", "What oidc-s3 user configure takes; nothing of it is secret", configuration(layer));
    output("service_client_ids", "The id of each service's client", ofServices("id"));
    output("service_secrets", "The secret of each service's client", ofServices("client_secret"), true);
  }
}

interface Layer {
  readonly config: UsersConfig;
  readonly userPool: PeopleUserPool;
  readonly clients: AppClients;
  readonly identityPool: PeopleIdentityPool | undefined;
  readonly accountId: string;
}

function roleArns(pool: PeopleIdentityPool | undefined): Record<string, string> {
  if (pool === undefined) return {};
  const { authenticatedRoleArn: authenticated, unauthenticatedRoleArn: unauthenticated, groupRoleArns } = pool;
  return {
    ...Object.fromEntries([...groupRoleArns].map(([group, arn]) => [literal(group), arn])),
    authenticated,
    ...(unauthenticated === undefined ? {} : { unauthenticated }),
  };
}

/** What a person's program needs to sign in. */
function configuration({ config, userPool, clients, identityPool, accountId }: Layer): Record<string, unknown> {
  const { s3 } = config.access;
  return {
    region: config.awsRegion,
    account_id: accountId,
    user_pool_id: userPool.id,
    client_id: clients.cliId,
    identity_pool_id: identityPool?.id ?? NOTHING,
    issuer: userPool.issuerUrl,
    domain: userPool.domain ?? NOTHING,
    callback_urls: userPool.domain === undefined ? [] : config.callbackUrls.map(literal),
    authenticated_role_arn: identityPool?.authenticatedRoleArn ?? NOTHING,
    long_sessions: longSessions(config, identityPool),
    ...(s3 === undefined
      ? {}
      : { s3: { bucket: s3.bucket, prefix: literal(s3.prefix), user_specific: s3.userSpecific } }),
  };
}

/** Seconds by the ARNs of the roles that may have more than an hour. */
function longSessions(config: UsersConfig, pool: PeopleIdentityPool | undefined): Record<string, number> {
  if (pool === undefined) return {};
  return Object.fromEntries(
    rolesWithLongSessions(config).map(({ group, seconds }) => [
      (group === undefined ? undefined : pool.groupRoleArns.get(group)) ?? pool.authenticatedRoleArn,
      seconds,
    ]),
  );
}
