/** A `moved` block of Terraform. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

/** From the addresses in the documented layout's module `server-access` to the addresses of the servers layer. */
export function moduleMoves(serverName: string, addressName: string): Move[] {
  const module = `module.server_access["${serverName}"]`;
  return [
    ["aws_cognito_user_pool_client.server", `aws_cognito_user_pool_client.server_${addressName}`],
    ["aws_iam_role.server", `aws_iam_role.server_${addressName}`],
    ["aws_iam_role_policy.s3_objects", `aws_iam_role_policy.s3_objects_${addressName}`],
    ["aws_iam_role_policy.s3_list[0]", `aws_iam_role_policy.s3_list_${addressName}`],
    ["aws_dynamodb_table_item.client_role_mapping", `aws_dynamodb_table_item.client_role_mapping_${addressName}`],
  ].map(([from, to]) => ({ from: `${module}.${from}`, to: `${to}` }));
}
