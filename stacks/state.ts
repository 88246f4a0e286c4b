import { DataTerraformRemoteStateS3, S3Backend } from "cdktf";
import type { Construct } from "constructs";
import type { BackendConfig } from "../config/schema/types";
import { literals } from "../constructs/terraform-text";

// cdktf writes the names of properties in snake case, those of maps too, where they are people's own: `CostCenter` of
// `assume_role_tags` would be another tag. Overrides are written as they are.

/** The backend of a stack, with each argument as the environment's file has it. */
export function stateBackend(scope: Construct, backend: BackendConfig): void {
  const { bucket, key, ...others } = literals(backend);
  const element = new S3Backend(scope, { bucket, key });
  for (const [name, value] of Object.entries(others)) element.addOverride(name, value);
}

/** A data source that reads the state of another stack by that stack's backend. */
export function remoteState(scope: Construct, id: string, backend: BackendConfig): void {
  // Nothing of locking, nothing of writing: what is left matters to somebody who only reads.
  const { bucket, key, dynamodb_table, dynamodb_endpoint, use_lockfile, encrypt, kms_key_id, acl, ...reading } =
    literals(backend);
  new DataTerraformRemoteStateS3(scope, id, { bucket, key }).addOverride("config", reading);
}
