import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  GetCallerIdentityCommand,
  STSClient,
} from "@aws-sdk/client-sts";
import type { BackendConfig } from "../config/schema/types";
import { endpointOf } from "./state-resources";

/** AWS clients that use the same endpoints and identity as Terraform's S3 backend. */
export interface BackendClients {
  readonly s3: S3Client;
  readonly dynamodb: DynamoDBClient;
  /** The account's number; undefined where the backend says not to ask for it. */
  readonly accountId: string | undefined;
}

/** Backend arguments for the identity or the way to AWS that the SDK takes from elsewhere. */
const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  shared_config_files: "set AWS_CONFIG_FILE in the environment to the file",
  shared_credentials_files: "set AWS_SHARED_CREDENTIALS_FILE in the environment to the file",
  shared_credentials_file: "set AWS_SHARED_CREDENTIALS_FILE in the environment to the file",
  assume_role_with_web_identity: "set AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE in the environment",
  custom_ca_bundle: "set NODE_EXTRA_CA_CERTS in the environment to the file",
  ec2_metadata_service_endpoint: "set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment",
  http_proxy: "run this where AWS is reached without a proxy",
  https_proxy: "run this where AWS is reached without a proxy",
  insecure: "run this where certificates can be checked",
};

/** A backend that bootstrap cannot act for, with the remedy. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}

/**
 * Makes the clients of a backend, and assumes its role where it names one.
 * @throws {BackendError} for an argument that is not followed here and whose remedy is not in place, and for an account that
 * the backend does not allow.
 */
export async function backendClients(backend: BackendConfig, env: NodeJS.ProcessEnv): Promise<BackendClients> {
  refuseUnfollowed(backend, env);
  const common = {
    region: backend.region,
    ...(backend.profile ? { profile: String(backend.profile) } : {}),
    ...(typeof backend.max_retries === "number" ? { maxAttempts: backend.max_retries + 1 } : {}),
    ...(backend.use_fips_endpoint === true ? { useFipsEndpoint: true } : {}),
    ...(backend.use_dualstack_endpoint === true ? { useDualstackEndpoint: true } : {}),
  };
  const at = (service: "s3" | "dynamodb" | "sts") => {
    const endpoint = endpointOf(backend, service);
    return endpoint === undefined ? {} : { endpoint };
  };
  const stsRegion = backend.sts_region ? { region: String(backend.sts_region) } : {};
  const sts = new STSClient({ ...common, ...at("sts"), ...stsRegion });
  const role = roleOf(backend);
  const assumed = role === undefined ? {} : { credentials: await assume(sts, role) };
  const identity = new STSClient({ ...common, ...at("sts"), ...stsRegion, ...assumed });
  return {
    s3: new S3Client({
      ...common,
      ...at("s3"),
      ...assumed,
      // An address that is a number has no subdomains for buckets.
      forcePathStyle: backend.use_path_style === true || backend.force_path_style === true,
    }),
    dynamodb: new DynamoDBClient({ ...common, ...at("dynamodb"), ...assumed }),
    accountId: await checkedAccount(identity, backend),
  };
}

function refuseUnfollowed(backend: BackendConfig, env: NodeJS.ProcessEnv): void {
  for (const [argument, remedy] of Object.entries(NOT_FOLLOWED)) {
    const value = backend[argument];
    if (value === undefined || value === false || value === "") continue;
    const variable = /([A-Z][A-Z0-9_]{5,}) in the environment/.exec(remedy)?.[1];
    if (variable !== undefined && env[variable]) continue;
    throw new BackendError(
      `the backend of bucket ${backend.bucket} has ${argument}, which is not followed here: ${remedy}`,
    );
  }
}

function roleOf(backend: BackendConfig): AssumeRoleCommandInput | undefined {
  const nested = backend.assume_role as Readonly<Record<string, unknown>> | undefined;
  const role = nested ?? {
    role_arn: backend.role_arn,
    session_name: backend.session_name,
    external_id: backend.external_id,
    tags: backend.assume_role_tags,
  };
  if (typeof role.role_arn !== "string" || role.role_arn === "") return undefined;
  const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
  return {
    RoleArn: role.role_arn,
    RoleSessionName: text(role.session_name) ?? "oidc-s3-bootstrap",
    ExternalId: text(role.external_id),
    SourceIdentity: text(role.source_identity),
    Tags: Object.entries((role.tags ?? {}) as Record<string, string>).map(([Key, Value]) => ({ Key, Value })),
  };
}

async function assume(sts: STSClient, role: AssumeRoleCommandInput) {
  const { Credentials: made } = await sts.send(new AssumeRoleCommand(role));
  if (!made?.AccessKeyId || !made.SecretAccessKey)
    throw new BackendError(`STS gave no credentials for ${role.RoleArn}`);
  return {
    accessKeyId: made.AccessKeyId,
    secretAccessKey: made.SecretAccessKey,
    ...(made.SessionToken === undefined ? {} : { sessionToken: made.SessionToken }),
  };
}

async function checkedAccount(sts: STSClient, backend: BackendConfig): Promise<string | undefined> {
  const allowed = backend.allowed_account_ids as readonly string[] | undefined;
  const forbidden = (backend.forbidden_account_ids as readonly string[] | undefined) ?? [];
  if (backend.skip_requesting_account_id === true && !allowed && forbidden.length === 0) return undefined;
  const { Account: account = "" } = await sts.send(new GetCallerIdentityCommand({}));
  if ((allowed && !allowed.includes(account)) || forbidden.includes(account)) {
    throw new BackendError(
      `these credentials are of account ${account}, which the backend of bucket ${backend.bucket} does not allow: use others`,
    );
  }
  return account;
}
