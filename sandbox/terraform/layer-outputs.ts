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

/** The outputs of `servers-<env>` that the sandbox needs. */
export const ServersOutputs = z.looseObject({
  server_configurations: z.record(z.string(), ServerConfiguration),
  server_secrets: z.record(z.string(), z.string()),
  server_role_arns: z.record(z.string(), z.string()),
});
export type ServersOutputs = z.infer<typeof ServersOutputs>;

/** The outputs of `api-<env>` that the sandbox needs. */
export const ApiOutputs = z.looseObject({
  user_pool_id: z.string(),
  issuer_url: z.string(),
  cognito_domain: z.string(),
  client_ids: z.record(z.string(), z.string()),
  client_secrets: z.record(z.string(), z.string()),
  /** Only where there is a REST API. */
  api_endpoint: z.string().optional(),
});
export type ApiOutputs = z.infer<typeof ApiOutputs>;

/** The outputs of `users-<env>` that the sandbox needs. */
export const UsersOutputs = z.looseObject({
  user_configuration: z.looseObject({
    region: z.string(),
    user_pool_id: z.string(),
    client_id: z.string(),
    issuer: z.string(),
    identity_pool_id: z.string().nullable(),
    /** Of the sign-in pages; null where there are none. */
    domain: z.string().nullable(),
    callback_urls: z.array(z.string()),
  }),
});
export type UsersOutputs = z.infer<typeof UsersOutputs>;

/** The layers that the sandbox needs outputs of. */
const LAYER_OUTPUTS = {
  foundation: FoundationOutputs,
  servers: ServersOutputs,
  api: ApiOutputs,
  users: UsersOutputs,
} as const;
export type Layer = keyof typeof LAYER_OUTPUTS;
/** A layer's outputs: typed where the sandbox needs them, and of any other layer as they are. */
export type LayerOutputs<L extends string> = L extends Layer
  ? z.infer<(typeof LAYER_OUTPUTS)[L]>
  : Readonly<Record<string, unknown>>;

/**
 * Reads a layer's outputs from the file that `cdktf deploy --outputs-file` writes.
 * @throws {z.ZodError} where one is missing or of another type.
 */
export async function readOutputs<L extends string>(file: string, stack: string, layer: L): Promise<LayerOutputs<L>> {
  const outputs: unknown = JSON.parse(await readFile(file, "utf8"));
  const schemas: Readonly<Record<string, z.ZodType>> = LAYER_OUTPUTS;
  const schema = schemas[layer] ?? z.record(z.string(), z.unknown());
  // A layer without outputs is not in the file.
  return schema.parse((outputs as Record<string, unknown>)[stack] ?? {}) as LayerOutputs<L>;
}
