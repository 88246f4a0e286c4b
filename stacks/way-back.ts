import { addressName } from "../access/names";
import type { EnvironmentConfig, FoundationConfig } from "../config/schema/types";
import { moduleMoves } from "./module-moves";
import type { Layer } from "./selection";

/**
 * HCL for a file `way-back.tf` in a layer's folder of the documented Terraform layout: with it, that layout takes over
 * what the stacks have deployed, and destroys nothing.
 */
export function wayBack(layer: Layer, environment: EnvironmentConfig): string {
  return layer === "servers" ? serversWayBack(environment) : foundationWayBack(environment.foundation);
}

function serversWayBack({ servers }: EnvironmentConfig): string {
  const blocks = servers.servers.flatMap(({ name }) =>
    moduleMoves(name, addressName(name)).map(({ from, to }) => block("moved", [`from = ${to}`, `to   = ${from}`])),
  );
  return [comment(SERVERS_HEAD), ...blocks].join("\n");
}

function foundationWayBack(config: FoundationConfig): string {
  const blocks = addedResources(config).map((address) =>
    block("removed", [`from = ${address}`, "", "lifecycle {", "  destroy = false", "}"]),
  );
  const commands = addedResources(config).map((address) => `  terraform state rm ${address}`);
  return [comment([...FOUNDATION_HEAD, ...commands]), ...blocks].join("\n");
}

/** What the stacks have and the documented layout does not. Its lifecycle configuration is for the expiry in dev. */
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
  "Into servers/ of the documented layout: what the stacks deployed becomes the module's again.",
  "Once it is applied, this file may go.",
];

const FOUNDATION_HEAD = [
  "Into foundation/ of the documented layout: what it does not know is left in AWS, and in no state any more.",
  "A block for a resource that is in your files too is refused: remove that block. Once it is applied, this file may go.",
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
