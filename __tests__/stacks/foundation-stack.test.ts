import { environmentConfig } from "../support/environment";
import { addresses, at, type StackDocument, synthesise } from "../support/synthesise";

const foundation = (changes: Parameters<typeof environmentConfig>[0] = {}): StackDocument =>
  synthesise(environmentConfig(changes)).foundation;
const outputs = (document: StackDocument) =>
  Object.fromEntries(Object.entries(document.output).map(([name, { value }]) => [name, value]));
const policy = (document: StackDocument, address: string, attribute = "policy") =>
  JSON.parse(at(document, address)[attribute] as string);
const TABLES = ["activity", "controls", "roles"].map((kind) => `aws_dynamodb_table.client_${kind}`);
const ACCOUNT = "${data.aws_caller_identity.current.account_id}";

it("names follow project and environment", () => {
  const document = foundation({ name: "prod", foundation: { projectName: "acme" } });
  expect(at(document, "aws_cognito_user_pool.s3_uploader").name).toBe("acme-prod");
  expect(at(document, "aws_cognito_user_pool_domain.s3_uploader").domain).toBe(`acme-prod-${ACCOUNT}`);
  expect(at(document, "aws_cognito_resource_server.s3_uploader").name).toBe("S3 Uploader API - prod");
  expect(at(document, "aws_dynamodb_table.client_roles").name).toBe("acme-prod-client-roles");
  expect(at(document, "aws_iam_role.credential_vending").name).toBe("acme-prod-cred-vending");
  expect(at(document, "aws_lambda_function.credential_vending").function_name).toBe("acme-prod-cred-vending");
  expect(at(document, "aws_apigatewayv2_api.credential_vending").name).toBe("acme-prod-cred-vending");
  expect(at(document, "aws_cloudwatch_log_group.credential_vending").name).toBe("/aws/lambda/acme-prod-cred-vending");
  expect(at(document, "aws_cloudwatch_log_group.api_gateway").name).toBe("/aws/apigateway/acme-prod-cred-vending");
  expect(at(document, "aws_s3_bucket.uploads").bucket).toBe("acme-cognito-prod-uploads");
});

it("outputs that configuration settles are known before anything is deployed", () => {
  expect(outputs(foundation())).toMatchObject({
    cognito_token_endpoint:
      "https://${aws_cognito_user_pool_domain.s3_uploader.domain}.auth.eu-west-1.amazoncognito.com/oauth2/token",
    cognito_issuer_url: "https://cognito-idp.eu-west-1.amazonaws.com/${aws_cognito_user_pool.s3_uploader.id}",
    resource_server_scopes: {
      write: "https://s3-uploader.dev.oidc-s3/write",
      read: "https://s3-uploader.dev.oidc-s3/read",
      delete: "https://s3-uploader.dev.oidc-s3/delete",
      list: "https://s3-uploader.dev.oidc-s3/list",
    },
    credential_vending_api_url: "${aws_apigatewayv2_api.credential_vending.api_endpoint}/credentials",
    credential_vending_lambda_role_arn: `arn:aws:iam::${ACCOUNT}:role/oidc-s3-dev-cred-vending`,
    client_roles_table_arn: `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/oidc-s3-dev-client-roles`,
    bucket_arn: "arn:aws:s3:::oidc-s3-cognito-dev-uploads",
    aws_region: "eu-west-1",
    environment: "dev",
  });
});

it("only administrators create users, and nobody recovers an account by mail or phone", () => {
  expect(at(foundation(), "aws_cognito_user_pool.s3_uploader")).toMatchObject({
    admin_create_user_config: { allow_admin_create_user_only: true },
    account_recovery_setting: { recovery_mechanism: [{ name: "admin_only", priority: 1 }] },
  });
});

it("a pool that is taken over keeps its sign-in settings, which AWS could change only by replacing it", () => {
  const { ignore_changes } = at(foundation(), "aws_cognito_user_pool.s3_uploader").lifecycle as Record<string, unknown>;
  expect(ignore_changes).toEqual(["alias_attributes", "schema", "username_attributes", "username_configuration"]);
});

it("the resource server has the four scopes", () => {
  const { scope, identifier } = at(foundation(), "aws_cognito_resource_server.s3_uploader");
  expect(identifier).toBe("https://s3-uploader.dev.oidc-s3");
  expect((scope as { scope_name: string }[]).map(({ scope_name }) => scope_name)).toEqual([
    "write",
    "read",
    "delete",
    "list",
  ]);
});

it.each([true, false])("deletion protection %p reaches pool and tables", (deletionProtection) => {
  const document = foundation({ foundation: { deletionProtection } });
  const expected = deletionProtection ? "ACTIVE" : "INACTIVE";
  expect(at(document, "aws_cognito_user_pool.s3_uploader").deletion_protection).toBe(expected);
  for (const table of TABLES) expect(at(document, table).deletion_protection_enabled).toBe(deletionProtection);
});

it.each([true, false])("deletion protection %p is Terraform's refusal too, for what holds data or identity", (on) => {
  const environment = environmentConfig({ foundation: { deletionProtection: on } });
  const protectedIn = (document: StackDocument) =>
    addresses(document).filter((address) => JSON.stringify(at(document, address)).includes('"prevent_destroy":true'));
  const { foundation: below, servers: above } = synthesise(environment);
  expect(protectedIn(below)).toEqual(
    on
      ? [
          "aws_apigatewayv2_api.credential_vending",
          "aws_cognito_resource_server.s3_uploader",
          "aws_cognito_user_pool.s3_uploader",
          "aws_cognito_user_pool_domain.s3_uploader",
          ...TABLES,
          "aws_s3_bucket.uploads",
        ]
      : [],
  );
  const clients = environment.servers.servers.map(({ name }) => `aws_cognito_user_pool_client.server_${name}`);
  expect(protectedIn(above)).toEqual(on ? clients : []);
});

it("the log group that Lambda made itself is taken over on request only", () => {
  expect(foundation()).not.toHaveProperty("import");
  expect(foundation({ foundation: { adoptLambdaLogGroup: true } })).toMatchObject({
    import: [{ to: "aws_cloudwatch_log_group.credential_vending", id: "/aws/lambda/oidc-s3-dev-cred-vending" }],
  });
});

it.each([true, false])("point-in-time recovery %p reaches the tables, which are on demand", (pointInTimeRecovery) => {
  const document = foundation({ foundation: { pointInTimeRecovery } });
  for (const table of TABLES) {
    expect(at(document, table)).toMatchObject({
      name: `oidc-s3-dev-client-${table.slice("aws_dynamodb_table.client_".length)}`,
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "client_id",
      attribute: [{ name: "client_id", type: "S" }],
      point_in_time_recovery: { enabled: pointInTimeRecovery },
    });
  }
});

it("the function gets what it needs to know, runs after its log group and policies, and is the bundle's handler", () => {
  const document = foundation({ foundation: { lambdaMemoryMb: 512 } });
  expect(at(document, "aws_lambda_function.credential_vending")).toMatchObject({
    runtime: "nodejs22.x",
    architectures: ["arm64"],
    handler: "index.handler",
    timeout: 10,
    memory_size: 512,
    environment: {
      variables: {
        USER_POOL_ID: "${aws_cognito_user_pool.s3_uploader.id}",
        RESOURCE_SERVER_IDENTIFIER: "${aws_cognito_resource_server.s3_uploader.identifier}",
        CLIENT_ROLES_TABLE: "${aws_dynamodb_table.client_roles.name}",
        CLIENT_CONTROLS_TABLE: "${aws_dynamodb_table.client_controls.name}",
        CLIENT_ACTIVITY_TABLE: "${aws_dynamodb_table.client_activity.name}",
        S3_BUCKET: "${aws_s3_bucket.uploads.bucket}",
        SERVER_ROLE_PREFIX: `arn:aws:iam::${ACCOUNT}:role/oidc-s3-cognito-dev-`,
      },
    },
    depends_on: [
      "aws_cloudwatch_log_group.credential_vending",
      "aws_iam_role_policy_attachment.credential_vending_basic",
      "aws_iam_role_policy.credential_vending_dynamodb",
      "aws_iam_role_policy.credential_vending_activity",
      "aws_iam_role_policy.credential_vending_sts",
    ],
  });
});

it("both log groups keep events as long as configured", () => {
  const document = foundation({ foundation: { logRetentionDays: 7 } });
  for (const name of ["credential_vending", "api_gateway"]) {
    expect(at(document, `aws_cloudwatch_log_group.${name}`).retention_in_days).toBe(7);
  }
});

it("the API has one route, throttling, an access log without tokens, and no CORS", () => {
  const document = foundation({ foundation: { apiThrottlingRateLimit: 5, apiThrottlingBurstLimit: 9 } });
  const api = at(document, "aws_apigatewayv2_api.credential_vending");
  expect(api.protocol_type).toBe("HTTP");
  expect(api).not.toHaveProperty("cors_configuration");
  expect(document.resource.aws_apigatewayv2_route).toMatchObject({
    credential_vending: { route_key: "POST /credentials" },
  });
  expect(at(document, "aws_apigatewayv2_integration.credential_vending")).toMatchObject({
    integration_type: "AWS_PROXY",
    payload_format_version: "2.0",
  });
  const stage = at(document, "aws_apigatewayv2_stage.credential_vending");
  expect(stage).toMatchObject({
    name: "$default",
    auto_deploy: true,
    default_route_settings: { throttling_rate_limit: 5, throttling_burst_limit: 9 },
  });
  const format: Record<string, string> = JSON.parse((stage.access_log_settings as { format: string }).format);
  expect(Object.keys(format)).toContain("requestId");
  expect(Object.values(format).join()).not.toMatch(/authorizer|header|authorization|body/i);
});

it("the bucket is private, encrypted, and closed to plain HTTP", () => {
  const document = foundation();
  expect(at(document, "aws_s3_bucket_public_access_block.uploads")).toMatchObject({
    block_public_acls: true,
    block_public_policy: true,
    ignore_public_acls: true,
    restrict_public_buckets: true,
  });
  expect(at(document, "aws_s3_bucket_server_side_encryption_configuration.uploads").rule).toEqual([
    { apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } },
  ]);
  const arn = "arn:aws:s3:::oidc-s3-cognito-dev-uploads";
  expect(policy(document, "aws_s3_bucket_policy.uploads").Statement).toEqual([
    {
      Sid: "DenyPlainHttp",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [arn, `${arn}/*`],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ]);
});

it.each([
  ["expiry and clean-up", 10, 7, ["expire-objects", "abort-incomplete-multipart-uploads"]],
  ["expiry alone", 10, 0, ["expire-objects"]],
  ["clean-up alone", 0, 7, ["abort-incomplete-multipart-uploads"]],
])("lifecycle: %s", (_, bucketExpirationDays, abortIncompleteMultipartUploadDays, ids) => {
  const document = foundation({ foundation: { bucketExpirationDays, abortIncompleteMultipartUploadDays } });
  const rules = at(document, "aws_s3_bucket_lifecycle_configuration.uploads").rule as Record<string, unknown>[];
  expect(rules.map(({ id }) => id)).toEqual(ids);
  for (const rule of rules) expect(rule).toMatchObject({ status: "Enabled", filter: [{ prefix: "" }] });
  expect(rules.flatMap(({ expiration }) => expiration ?? [])).toEqual(bucketExpirationDays ? [{ days: 10 }] : []);
});

it.each([
  [true, "Enabled"],
  [false, "Suspended"],
])("versioning %p is %s", (bucketVersioning, status) => {
  const document = foundation({ foundation: { bucketVersioning } });
  expect(at(document, "aws_s3_bucket_versioning.uploads").versioning_configuration).toEqual({ status });
});

it("an existing bucket is only read", () => {
  const document = foundation({ foundation: { createS3Bucket: false, existingBucketName: "theirs" } });
  expect(at(document, "data.aws_s3_bucket.existing")).toEqual({ bucket: "theirs" });
  expect(outputs(document).bucket_arn).toBe("${data.aws_s3_bucket.existing.arn}");
  expect(Object.keys(document.resource).filter((type) => type.startsWith("aws_s3"))).toEqual([]);
});

it("the archive provider is asked for only where Terraform makes the zip", () => {
  expect(Object.keys(foundation().terraform.required_providers)).toEqual(["aws"]);
  const document = foundation({ foundation: { lambdaPackage: "archive" } });
  expect(document.terraform.required_providers.archive).toEqual({ source: "hashicorp/archive", version: "~> 2.7" });
});
