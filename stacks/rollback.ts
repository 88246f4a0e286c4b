import { SERVER_RESOURCES, type ServerResource, serverResource } from "../access/addresses";
import { pathAddress, pathsOf } from "../config/rules/api-routes";
import type { ApiConfig } from "../config/schema/api-types";
import type { EnvironmentConfig, FoundationConfig, UploaderEnvironment } from "../config/schema/types";

// HCL for a file `rollback.tf` in a layer's folder of the original Terraform modules: with it, they take over what the
// stacks have deployed, and destroy nothing.

/** The file for `servers/`: what the stack deployed moves back into the module. */
export function serversRollback({ servers }: UploaderEnvironment): string {
  const blocks = servers.servers.flatMap(({ name }) =>
    moduleMoves(name).map(({ from, to }) => block("moved", [`from = ${to}`, `to   = ${from}`])),
  );
  return [comment(SERVERS_HEAD), ...blocks].join("\n");
}

/** The file for `foundation/`: what the modules do not know is forgotten, and left in AWS. */
export function foundationRollback({ foundation: config }: UploaderEnvironment): string {
  const addresses = addedResources(config);
  return [comment([...FOUNDATION_HEAD, ...stateCommands(addresses)]), ...addresses.map(removedBlock)].join("\n");
}

function removedBlock(address: string): string {
  return block("removed", [`from = ${address}`, "", "lifecycle {", "  destroy = false", "}"]);
}

function stateCommands(addresses: readonly string[]): string[] {
  return addresses.map((address) => `  terraform state rm ${address}`);
}

/**
 * The file for a deployment of Cognito for machines that the api layer has taken over: what the layer added is forgotten,
 * and left in AWS. Which resource server and client are the team's own is not known: of several all are in the file, and
 * of one none.
 */
export function apiRollback({ optional }: EnvironmentConfig): string {
  const { resourceServers, clients, routes, functions, apiLogging } = optional.api as ApiConfig;
  const several = <T>(all: readonly T[]) => (all.length > 1 ? all : []);
  const answered = routes.filter(({ backend }) => backend.kind === "answer");
  const named = (types: readonly string[], names: readonly { readonly address: string }[]) =>
    types.flatMap((type) => names.map(({ address }) => `aws_${type}.${address}`));
  const paths = new Set(routes.flatMap(({ path }) => pathsOf(path)).map(pathAddress));
  const called = functions.filter(({ key }) =>
    routes.some(({ backend }) => backend.kind === "function" && backend.key === key),
  );
  const addresses = [
    ...named(["cognito_resource_server"], several(resourceServers)),
    ...named(["cognito_user_pool_client"], several(clients)),
    ...(routes.length > 0 ? REST_API : []),
    ...(routes.length > 0 && apiLogging ? REST_API_LOGS : []),
    ...[...paths].map((path) => `aws_api_gateway_resource.${path}`),
    ...named(["api_gateway_method", "api_gateway_integration"], routes),
    ...named(["api_gateway_method_response", "api_gateway_integration_response"], answered),
    ...named(["lambda_function", "iam_role", "iam_role_policy", "cloudwatch_log_group"], functions),
    ...named(["lambda_permission"], called),
  ];
  return [comment([...API_HEAD, ...stateCommands(addresses)]), ...addresses.map(removedBlock)].join("\n");
}

const REST_API = ["rest_api.api", "authorizer.cognito", "deployment.api", "stage.api", "method_settings.all"].map(
  (name) => `aws_api_gateway_${name}`,
);
const REST_API_LOGS = ["aws_cloudwatch_log_group.api_access", "aws_cloudwatch_log_group.api_errors"];

/** What the stacks have and the original Terraform modules do not. Their lifecycle configuration is for the expiry in dev. */
function addedResources(config: FoundationConfig): string[] {
  const { createS3Bucket, bucketTlsOnly, bucketExpirationDays, abortIncompleteMultipartUploadDays } = config;
  const onlyAborts = bucketExpirationDays === 0 && abortIncompleteMultipartUploadDays > 0;
  return [
    "aws_cloudwatch_log_group.credential_vending",
    "aws_dynamodb_table.client_controls",
    "aws_dynamodb_table.client_activity",
    "aws_iam_role_policy.credential_vending_activity",
    ...(createS3Bucket && bucketTlsOnly ? ["aws_s3_bucket_policy.uploads"] : []),
    ...(createS3Bucket && onlyAborts ? ["aws_s3_bucket_lifecycle_configuration.uploads"] : []),
  ];
}

const SERVERS_HEAD = [
  "For servers/ of the original Terraform modules: what the stacks deployed becomes the module's again.",
  "Delete this file once it is applied.",
];

const REMOVED_HEAD = [
  "A block for a resource that your files have too is rejected: remove that block. Delete this file once it is applied.",
  "The blocks need Terraform 1.7 or newer. With an older one, instead of this file, in the same folder:",
  "",
];

const FOUNDATION_HEAD = [
  "For foundation/ of the original Terraform modules: what they do not know stays in AWS, and in no state.",
  ...REMOVED_HEAD,
];

const API_HEAD = [
  "For your own configuration of the user pool: what the api layer added to it stays in AWS, and in no state.",
  "Take out resource servers and clients that your own files have, here and from the commands: they would be forgotten too.",
  ...REMOVED_HEAD,
];

function comment(lines: readonly string[]): string {
  return lines
    .map((line) => `# ${line}`.trimEnd())
    .join("\n")
    .concat("\n");
}

function block(type: string, lines: readonly string[]): string {
  return [`${type} {`, ...lines.map((line) => (line === "" ? "" : `  ${line}`)), "}", ""].join("\n");
}

/** A `moved` block of Terraform. */
interface Move {
  readonly from: string;
  readonly to: string;
}

/** From the addresses in the original Terraform modules' module `server-access` to the addresses of the servers layer. */
export function moduleMoves(serverName: string): Move[] {
  return (Object.keys(SERVER_RESOURCES) as ServerResource[]).map((resource) => ({
    // Only servers that may list have this policy: the module counts it.
    from: `module.server_access["${serverName}"].${SERVER_RESOURCES[resource]}${resource === "s3_list" ? "[0]" : ""}`,
    to: serverResource(resource, serverName),
  }));
}
