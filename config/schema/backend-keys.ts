import { z } from "zod";
import type { KeyPath } from "../source/fault";
import {
  externalId,
  kmsKeyId,
  policyArns,
  policyDocument,
  roleArn,
  sessionDuration,
  sessionName,
} from "./backend-rules";
import type { Keys } from "./check-keys";
import {
  choice,
  flag,
  isSecret,
  matching,
  number,
  type Rule,
  refusedSecret,
  secret,
  text,
  textMap,
  texts,
} from "./terraform-types";

const notEmpty = matching(/./, "filled in", "write its value, or remove the key");

const stateKey: Rule<string> = (value) =>
  value === "" || /^\/|\/$|\/\//.test(value)
    ? {
        message: "is empty, begins or ends with a slash, or holds two in a row",
        remedy: 'Terraform refuses that: write a path like "dev/cognito-servers/terraform.tfstate"',
      }
    : undefined;

/** A URL, with or without its scheme; its value is in clear in the synthesised JSON. */
const url = (instead: string) => {
  const noPassword: Rule<string> = (value) =>
    /(^|\/\/)[^/]*:[^/]*@/.test(value) ? { message: "holds a password", remedy: instead } : undefined;
  return secret(text(noPassword).optional());
};
const endpoint = () => url("remove user and password: requests are signed with the credentials of AWS alone");
const proxy = () => url("set HTTP_PROXY or HTTPS_PROXY in the environment instead");

const string = (...rules: readonly Rule<string>[]) => text(...rules).optional();
const list = () => texts().optional();
// Shown whole, an object would show the secrets in it.
const object = () => secret(z.looseObject({}).optional());
const OLD = "for Terraform before 1.10";

/** Arguments that Terraform took out in 1.10, by the key of `assume_role` that took their place. */
export const REMOVED_ARGUMENTS: Readonly<Record<string, string | undefined>> = {
  role_arn: "role_arn",
  external_id: "external_id",
  session_name: "session_name",
  assume_role_duration_seconds: "duration",
  assume_role_policy: "policy",
  assume_role_policy_arns: "policy_arns",
  assume_role_tags: "tags",
  assume_role_transitive_tag_keys: "transitive_tag_keys",
  use_legacy_workflow: undefined,
};

/** Two spellings of one setting, or two settings, of which Terraform takes one alone; the one to keep comes first. */
export const EXCLUSIVE_ARGUMENTS: readonly (readonly [kept: KeyPath, other: KeyPath])[] = [
  [["endpoints", "s3"], ["endpoint"]],
  [["endpoints", "dynamodb"], ["dynamodb_endpoint"]],
  [["endpoints", "iam"], ["iam_endpoint"]],
  [["endpoints", "sts"], ["sts_endpoint"]],
  [["use_path_style"], ["force_path_style"]],
  [["shared_credentials_files"], ["shared_credentials_file"]],
  [["allowed_account_ids"], ["forbidden_account_ids"]],
];

/**
 * Every argument of Terraform's S3 backend as of 1.11, and those that Terraform from 1.5 on has had since.
 * Source: https://developer.hashicorp.com/terraform/language/backend/s3
 */
export const backendKeys = {
  bucket: text(notEmpty).describe("Bucket that holds the state."),
  key: text(stateKey).describe("Path of the state in the bucket; each stack needs one of its own."),
  region: text(notEmpty).describe("Region of the bucket and of the lock table."),
  dynamodb_table: string().describe("Table that locks the state."),
  use_lockfile: flag().optional().describe("Lock the state by an object beside it, without a table."),
  encrypt: flag().optional().describe("Encrypt the state on the server's side."),
  kms_key_id: string(kmsKeyId).describe("KMS key to encrypt with."),
  acl: string().describe("Canned ACL of the state object."),
  workspace_key_prefix: string().describe("Path of the states of workspaces."),
  profile: string().describe("Profile in the AWS configuration files."),
  shared_config_files: list().describe("AWS configuration files."),
  shared_credentials_files: list().describe("AWS credentials files."),
  shared_credentials_file: string().describe("One AWS credentials file; deprecated."),
  assume_role: object().describe("Role to assume for the state; keys below."),
  assume_role_with_web_identity: object().describe("Role to assume by a web identity token; keys below."),
  allowed_account_ids: list().describe("The only accounts that the state may be in."),
  forbidden_account_ids: list().describe("Accounts that the state may not be in."),
  endpoints: object().describe("Endpoints of services; keys below."),
  endpoint: endpoint().describe("Endpoint of S3; deprecated."),
  dynamodb_endpoint: endpoint().describe("Endpoint of DynamoDB; deprecated."),
  iam_endpoint: endpoint().describe("Endpoint of IAM; deprecated."),
  sts_endpoint: endpoint().describe("Endpoint of STS; deprecated."),
  sts_region: string().describe("Region of STS."),
  ec2_metadata_service_endpoint: endpoint().describe("Address of the EC2 metadata service."),
  ec2_metadata_service_endpoint_mode: choice(["IPv4", "IPv6"]).optional().describe('"IPv4" or "IPv6".'),
  use_path_style: flag().optional().describe("Put the bucket's name into the path of URLs."),
  force_path_style: flag().optional().describe("The same; deprecated."),
  use_dualstack_endpoint: flag().optional().describe("Use endpoints that have IPv6."),
  use_fips_endpoint: flag().optional().describe("Use FIPS endpoints."),
  skip_credentials_validation: flag().optional().describe("Do not ask STS whether credentials are valid."),
  skip_metadata_api_check: flag().optional().describe("Do not ask the EC2 metadata service."),
  skip_region_validation: flag().optional().describe("Accept unknown regions."),
  skip_requesting_account_id: flag().optional().describe("Do not ask for the account's number."),
  skip_s3_checksum: flag().optional().describe("Send no checksums, for stores that do not know them."),
  max_retries: number().optional().describe("How often a failed request is sent again."),
  retry_mode: choice(["standard", "adaptive"]).optional().describe('"standard" or "adaptive".'),
  custom_ca_bundle: string().describe("File of certificates to trust."),
  http_proxy: proxy().describe("Proxy for HTTP."),
  https_proxy: proxy().describe("Proxy for HTTPS."),
  no_proxy: string().describe("Hosts that are reached without a proxy."),
  insecure: flag().optional().describe("Do not check certificates."),
  role_arn: string().describe(`Role to assume, ${OLD}.`),
  external_id: string().describe(`External id of that role, ${OLD}.`),
  session_name: string().describe(`Session name for that role, ${OLD}.`),
  assume_role_duration_seconds: number().optional().describe(`Length of that session, ${OLD}.`),
  assume_role_policy: string().describe(`Policy of that session, ${OLD}.`),
  assume_role_policy_arns: list().describe(`Policies of that session, ${OLD}.`),
  assume_role_tags: textMap().optional().describe(`Tags of that session, ${OLD}.`),
  assume_role_transitive_tag_keys: list().describe(`Tags that later sessions keep, ${OLD}.`),
  use_legacy_workflow: flag().optional().describe(`Order in which credentials are sought, ${OLD}.`),
  access_key: refusedSecret("remove it: name a profile, or set AWS_ACCESS_KEY_ID in the environment").describe(
    "Refused: a secret. Use `profile`, or AWS_ACCESS_KEY_ID in the environment.",
  ),
  secret_key: refusedSecret("remove it: name a profile, or set AWS_SECRET_ACCESS_KEY in the environment").describe(
    "Refused: a secret. Use `profile`, or AWS_SECRET_ACCESS_KEY in the environment.",
  ),
  token: refusedSecret("remove it: name a profile, or set AWS_SESSION_TOKEN in the environment").describe(
    "Refused: a secret. Use `profile`, or AWS_SESSION_TOKEN in the environment.",
  ),
  sse_customer_key: refusedSecret("remove it: set AWS_SSE_CUSTOMER_KEY in the environment").describe(
    "Refused: a secret. Use AWS_SSE_CUSTOMER_KEY in the environment.",
  ),
} satisfies Readonly<Record<string, z.ZodType>>;

/** Shared with the AWS provider's `assume_role`, which has the same keys and rules. */
const assumedRole = {
  role_arn: text(roleArn).describe("Role to assume."),
  duration: string(sessionDuration).describe('Length of the session, like "1h".'),
  policy: string(policyDocument).describe("Policy of the session."),
  policy_arns: texts(policyArns).optional().describe("Policies of the session."),
  session_name: string(sessionName).describe("Name of the session."),
};

/** The keys of the backend's arguments that are objects. */
export const nestedBackendKeys = {
  endpoints: {
    dynamodb: endpoint().describe("Endpoint of DynamoDB."),
    iam: endpoint().describe("Endpoint of IAM."),
    s3: endpoint().describe("Endpoint of S3."),
    sso: endpoint().describe("Endpoint of IAM Identity Center."),
    sts: endpoint().describe("Endpoint of STS."),
  },
  assume_role: {
    ...assumedRole,
    external_id: string(externalId).describe("External id of the role."),
    source_identity: string(sessionName).describe("Source identity of the session."),
    tags: textMap().optional().describe("Tags of the session."),
    transitive_tag_keys: list().describe("Tags that later sessions keep."),
  },
  assume_role_with_web_identity: {
    ...assumedRole,
    web_identity_token: refusedSecret("remove it: use web_identity_token_file").describe(
      "Refused: a secret. Use `web_identity_token_file`.",
    ),
    web_identity_token_file: string().describe("File that holds the token."),
  },
} satisfies Readonly<Record<string, Readonly<Record<string, z.ZodType>>>>;

/** Of a backend file: keys that are marked as secret, and all that are not known, since they may be misspelt secrets. */
export function hiddenInBackend([name = "", inner]: KeyPath): boolean {
  const nested: Keys | undefined = Object.hasOwn(nestedBackendKeys, name)
    ? nestedBackendKeys[name as keyof typeof nestedBackendKeys]
    : undefined;
  return nested === undefined || inner === undefined ? hidden(backendKeys, name) : hidden(nested, inner);
}

function hidden(keys: Keys, name: string): boolean {
  const schema = Object.hasOwn(keys, name) ? keys[name] : undefined;
  return schema === undefined || isSecret(schema);
}
