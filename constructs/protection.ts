import type { TerraformResourceLifecycle } from "cdktf";

/**
 * Terraform's own refusal to destroy or replace a resource that holds data or identity, beside AWS's refusal to delete
 * it. It counts while the resource is in the configuration; removing a server from `servers.tfvars` stays possible.
 */
export function protection(on: boolean): { readonly lifecycle?: TerraformResourceLifecycle } {
  return on ? { lifecycle: { preventDestroy: true } } : {};
}
