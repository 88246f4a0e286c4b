import { readFile } from "node:fs/promises";
import { z } from "zod";

/** The outputs of `foundation-<env>` that the sandbox needs; there are more. */
export const FoundationOutputs = z.looseObject({
  cognito_user_pool_id: z.string(),
  cognito_domain: z.string(),
  cognito_issuer_url: z.string(),
  resource_server_identifier: z.string(),
  credential_vending_api_url: z.string(),
  credential_vending_lambda_role_arn: z.string(),
  client_roles_table_name: z.string(),
  bucket_name: z.string(),
  aws_region: z.string(),
  aws_account_id: z.string(),
});
export type FoundationOutputs = z.infer<typeof FoundationOutputs>;

const ServerConfiguration = z.looseObject({
  cognito_domain: z.string(),
  cognito_client_id: z.string(),
  resource_server_identifier: z.string(),
  allowed_scopes: z.array(z.string()),
  aws_region: z.string(),
  s3_bucket: z.string(),
  s3_path_prefix: z.string(),
});
export type ServerConfiguration = z.infer<typeof ServerConfiguration>;

/** The outputs of `servers-<env>` that the sandbox needs. */
export const ServersOutputs = z.looseObject({
  server_configurations: z.record(z.string(), ServerConfiguration),
  server_secrets: z.record(z.string(), z.string()),
  server_role_arns: z.record(z.string(), z.string()),
});
export type ServersOutputs = z.infer<typeof ServersOutputs>;

/**
 * Reads one stack's outputs from the file that `cdktf deploy --outputs-file` writes.
 * @throws {z.ZodError} where one is missing or of another type.
 */
export async function readOutputs<T>(file: string, stack: string, schema: z.ZodType<T>): Promise<T> {
  const outputs: unknown = JSON.parse(await readFile(file, "utf8"));
  return schema.parse((outputs as Record<string, unknown>)[stack]);
}
