import { environmentConfig, serverConfig } from "../support/environment";
import { addresses, referencedAddresses, synthesise } from "../support/synthesise";

/** What a deployment has on its addresses: a change here moves or destroys something for everybody. */
const FOUNDATION = [
  "data.aws_caller_identity.current",
  "aws_apigatewayv2_api.credential_vending",
  "aws_apigatewayv2_integration.credential_vending",
  "aws_apigatewayv2_route.credential_vending",
  "aws_apigatewayv2_stage.credential_vending",
  "aws_cloudwatch_log_group.api_gateway",
  "aws_cloudwatch_log_group.credential_vending",
  "aws_cognito_resource_server.s3_uploader",
  "aws_cognito_user_pool.s3_uploader",
  "aws_cognito_user_pool_domain.s3_uploader",
  "aws_dynamodb_table.client_activity",
  "aws_dynamodb_table.client_controls",
  "aws_dynamodb_table.client_roles",
  "aws_iam_role.credential_vending",
  "aws_iam_role_policy.credential_vending_activity",
  "aws_iam_role_policy.credential_vending_dynamodb",
  "aws_iam_role_policy.credential_vending_sts",
  "aws_iam_role_policy_attachment.credential_vending_basic",
  "aws_lambda_function.credential_vending",
  "aws_lambda_permission.api_gateway",
];
const BUCKET = [
  "aws_s3_bucket.uploads",
  "aws_s3_bucket_public_access_block.uploads",
  "aws_s3_bucket_server_side_encryption_configuration.uploads",
  "aws_s3_bucket_versioning.uploads",
];
const LIFECYCLE = "aws_s3_bucket_lifecycle_configuration.uploads";
const TLS_POLICY = "aws_s3_bucket_policy.uploads";
const EXISTING_BUCKET = "data.aws_s3_bucket.existing";
const ARCHIVE = "data.archive_file.credential_vending";

const FOUNDATION_OUTPUTS = [
  "aws_account_id",
  "aws_region",
  "bucket_arn",
  "bucket_name",
  "client_roles_table_arn",
  "client_roles_table_name",
  "cognito_domain",
  "cognito_issuer_url",
  "cognito_token_endpoint",
  "cognito_user_pool_arn",
  "cognito_user_pool_id",
  "credential_vending_api_url",
  "credential_vending_lambda_role_arn",
  "environment",
  "fleet_operator_policy",
  "resource_server_identifier",
  "resource_server_scopes",
];
const SERVERS_OUTPUTS = [
  "cognito_token_endpoint",
  "credential_vending_api_url",
  "server_configurations",
  "server_role_arns",
  "server_secrets",
];

describe.each(["dev", "prod", "local"])("environment %s", (name) => {
  const withoutRules = { bucketExpirationDays: 0, abortIncompleteMultipartUploadDays: 0 };

  it.each([
    ["a bucket of its own", {}, [...BUCKET, LIFECYCLE, TLS_POLICY]],
    ["a bucket without lifecycle rules", withoutRules, [...BUCKET, TLS_POLICY]],
    ["a bucket that takes plain HTTP", { bucketTlsOnly: false }, [...BUCKET, LIFECYCLE]],
    ["an existing bucket", { createS3Bucket: false, existingBucketName: "theirs" }, [EXISTING_BUCKET]],
    ["a zip made by Terraform", { lambdaPackage: "archive" as const }, [...BUCKET, LIFECYCLE, TLS_POLICY, ARCHIVE]],
  ])("the foundation layer with %s has exactly the documented addresses and outputs", (_, foundation, extra) => {
    const { foundation: document } = synthesise(environmentConfig({ name, foundation }));
    expect(addresses(document)).toEqual([...FOUNDATION, ...extra].sort());
    expect(Object.keys(document.output).sort()).toEqual(FOUNDATION_OUTPUTS);
  });

  it("the servers layer has exactly the documented addresses and outputs", () => {
    const { servers: document } = synthesise(environmentConfig({ name }));
    expect(addresses(document)).toEqual(
      [
        "data.terraform_remote_state.foundation",
        ...["backup-server-01", "backup-server-02", "data-sync", "log-shipper"].flatMap((server) => [
          `aws_cognito_user_pool_client.server_${server}`,
          `aws_iam_role.server_${server}`,
          `aws_iam_role_policy.s3_objects_${server}`,
          `aws_dynamodb_table_item.client_role_mapping_${server}`,
        ]),
        "aws_iam_role_policy.s3_list_data-sync",
      ].sort(),
    );
    expect(Object.keys(document.output).sort()).toEqual(SERVERS_OUTPUTS);
  });
});

it("characters of a server's name that Terraform does not take become underscores in its addresses", () => {
  const servers = [serverConfig("1st.server@hamburg")];
  const { servers: document } = synthesise(environmentConfig({ servers: { servers } }));
  expect(addresses(document)).toEqual([
    "aws_cognito_user_pool_client.server_1st_server_hamburg",
    "aws_dynamodb_table_item.client_role_mapping_1st_server_hamburg",
    "aws_iam_role.server_1st_server_hamburg",
    "aws_iam_role_policy.s3_objects_1st_server_hamburg",
    "data.terraform_remote_state.foundation",
  ]);
  expect(Object.keys(document.output.server_secrets?.value as object)).toEqual(["1st.server@hamburg"]);
});

it("two servers whose names give one address are refused", () => {
  const servers = [serverConfig("db.1"), serverConfig("db_1")];
  expect(() => synthesise(environmentConfig({ servers: { servers } }))).toThrow(
    /server-db\.1.* and .*server-db_1.* both have the address aws_cognito_user_pool_client\.server_db_1/,
  );
});

it("an environment without servers has no resource in its servers layer", () => {
  const { servers: document } = synthesise(environmentConfig({ servers: { servers: [] } }));
  expect(addresses(document)).toEqual(["data.terraform_remote_state.foundation"]);
  expect(document.output.server_configurations?.value).toEqual({});
});

it.each([{ lambdaPackage: "archive" as const }, { createS3Bucket: false, existingBucketName: "theirs" }, {}])(
  "every reference names something that is in the same stack (%p)",
  (foundation) => {
    const { foundation: below, servers: above } = synthesise(environmentConfig({ foundation }));
    for (const document of [below, above]) {
      const referenced = referencedAddresses(document);
      expect(referenced.length).toBeGreaterThan(0);
      expect(addresses(document)).toEqual(expect.arrayContaining(referenced));
    }
  },
);

it("what the servers layer reads of the foundation layer is one of its outputs", () => {
  const { foundation, servers, serversText } = synthesise(environmentConfig());
  expect(servers.data.terraform_remote_state).toHaveProperty("foundation");
  const read = [...serversText.matchAll(/terraform_remote_state\.foundation\.outputs\.(\w+)/g)].map(([, name]) => name);
  expect(read.length).toBeGreaterThan(0);
  expect(Object.keys(foundation.output)).toEqual(expect.arrayContaining([...new Set(read)]));
});

it("every output says what it is, and only the secrets are sensitive", () => {
  const { foundation, servers } = synthesise(environmentConfig());
  for (const { description } of [...Object.values(foundation.output), ...Object.values(servers.output)]) {
    expect(description).toMatch(/^[A-Z].{10,}$/);
  }
  const sensitive = Object.entries({ ...foundation.output, ...servers.output }).filter(
    ([, { sensitive }]) => sensitive,
  );
  expect(sensitive.map(([name]) => name)).toEqual(["server_secrets"]);
});
