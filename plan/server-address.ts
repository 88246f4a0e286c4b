/** A resource of one server, in either layout. `key` is the same for all of one server's resources in one layout. */
export interface ServerAddress {
  readonly key: string;
  readonly part: "client" | "role" | "s3_objects" | "s3_list" | "mapping";
}

const PARTS = {
  "aws_cognito_user_pool_client.server": "client",
  "aws_iam_role.server": "role",
  "aws_iam_role_policy.s3_objects": "s3_objects",
  "aws_iam_role_policy.s3_list": "s3_list",
  "aws_dynamodb_table_item.client_role_mapping": "mapping",
} as const;

/** Whose resource stands at an address of the servers layer: ours, or the documented layout's module. */
export function serverAddress(address: string): ServerAddress | undefined {
  const [, moduleKey, inModule] = /^module\.server_access\[("(?:[^"\\]|\\.)*")\]\.(.+?)(?:\[0\])?$/.exec(address) ?? [];
  for (const [start, part] of Object.entries(PARTS)) {
    if (moduleKey !== undefined && inModule === start) return { key: JSON.parse(moduleKey) as string, part };
    if (address.startsWith(`${start}_`)) return { key: address.slice(start.length + 1), part };
  }
  return undefined;
}
