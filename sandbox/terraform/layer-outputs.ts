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

/** The layers, each after those whose state it reads, with the outputs that the sandbox needs of each. */
export const LAYER_OUTPUTS = { foundation: FoundationOutputs, servers: ServersOutputs } as const;
export type Layer = keyof typeof LAYER_OUTPUTS;
export const LAYERS = Object.keys(LAYER_OUTPUTS) as readonly Layer[];
export type LayerOutputs = { readonly [L in Layer]: z.infer<(typeof LAYER_OUTPUTS)[L]> };

/**
 * Reads a layer's outputs from the file that `cdktf deploy --outputs-file` writes.
 * @throws {z.ZodError} where one is missing or of another type.
 */
export async function readOutputs<L extends Layer>(file: string, stack: string, layer: L): Promise<LayerOutputs[L]> {
  const outputs: unknown = JSON.parse(await readFile(file, "utf8"));
  return LAYER_OUTPUTS[layer].parse((outputs as Record<string, unknown>)[stack]) as LayerOutputs[L];
}
