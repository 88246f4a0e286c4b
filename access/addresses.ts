import { addressName } from "./names";

/**
 * How the addresses of a server's resources begin in Terraform: `_` and {@link addressName} follow. In the original
 * Terraform modules they are whole, within a module of the server.
 */
export const SERVER_RESOURCES = {
  client: "aws_cognito_user_pool_client.server",
  role: "aws_iam_role.server",
  s3_objects: "aws_iam_role_policy.s3_objects",
  s3_list: "aws_iam_role_policy.s3_list",
  mapping: "aws_dynamodb_table_item.client_role_mapping",
} as const;
export type ServerResource = keyof typeof SERVER_RESOURCES;

/** The address of one of a server's resources. */
export function serverResource(resource: ServerResource, serverName: string): string {
  return `${SERVER_RESOURCES[resource]}_${addressName(serverName)}`;
}
