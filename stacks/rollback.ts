import { SERVER_RESOURCES, type ServerResource, serverResource } from "../access/addresses";
import type { EnvironmentConfig, FoundationConfig } from "../config/schema/types";

// HCL for a file `rollback.tf` in a layer's folder of the original Terraform modules: with it, they take over what the
// stacks have deployed, and destroy nothing.

/** The file for `servers/`: what the stack deployed moves back into the module. */
export function serversRollback({ servers }: EnvironmentConfig): string {
  const blocks = servers.servers.flatMap(({ name }) =>
    moduleMoves(name).map(({ from, to }) => block("moved", [`from = ${to}`, `to   = ${from}`])),
  );
  return [comment(SERVERS_HEAD), ...blocks].join("\n");
}

/** The file for `foundation/`: what the modules do not know is forgotten, and left in AWS. */
export function foundationRollback({ foundation: config }: EnvironmentConfig): string {
  const blocks = addedResources(config).map((address) =>
    block("removed", [`from = ${address}`, "", "lifecycle {", "  destroy = false", "}"]),
  );
  const commands = addedResources(config).map((address) => `  terraform state rm ${address}`);
  return [comment([...FOUNDATION_HEAD, ...commands]), ...blocks].join("\n");
}

/** What the stacks have and the original Terraform modules do not. Their lifecycle configuration is for the expiry in dev. */
function addedResources(config: FoundationConfig): string[] {
  const { createS3Bucket, bucketTlsOnly, bucketExpirationDays, abortIncompleteMultipartUploadDays } = config;
  const onlyAborts = bucketExpirationDays === 0 && abortIncompleteMultipartUploadDays > 0;
  return [
    "aws_cloudwatch_log_group.credential_vending",
    ...(createS3Bucket && bucketTlsOnly ? ["aws_s3_bucket_policy.uploads"] : []),
    ...(createS3Bucket && onlyAborts ? ["aws_s3_bucket_lifecycle_configuration.uploads"] : []),
  ];
}

const SERVERS_HEAD = [
  "For servers/ of the original Terraform modules: what the stacks deployed becomes the module's again.",
  "Delete this file once it is applied.",
];

const FOUNDATION_HEAD = [
  "For foundation/ of the original Terraform modules: what they do not know stays in AWS, and in no state.",
  "A block for a resource that your files have too is rejected: remove that block. Delete this file once it is applied.",
  "The blocks need Terraform 1.7 or newer. With an older one, instead of this file, in the same folder:",
  "",
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
