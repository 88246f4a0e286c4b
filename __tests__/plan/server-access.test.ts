import { serverAddress } from "../../plan/server-access";

it.each([
  ["aws_iam_role.server_2nd-site", { key: "2nd-site", part: "role" }],
  ["aws_iam_role_policy.s3_list_data_sync", { key: "data_sync", part: "s3_list" }],
  ["aws_iam_role_policy.s3_objects_a", { key: "a", part: "s3_objects" }],
  ['module.server_access["data.sync"].aws_iam_role_policy.s3_list[0]', { key: "data.sync", part: "s3_list" }],
  ['module.server_access["a"].aws_dynamodb_table_item.client_role_mapping', { key: "a", part: "mapping" }],
  ['module.server_access["a"].aws_cognito_user_pool_client.server', { key: "a", part: "client" }],
])("%s", (address, expected) => {
  expect(serverAddress(address)).toEqual(expected);
});

it.each(["aws_iam_role.credential_vending", "aws_s3_bucket.uploads", 'module.other["a"].aws_iam_role.server'])(
  "%s is no server's",
  (address) => {
    expect(serverAddress(address)).toBeUndefined();
  },
);
