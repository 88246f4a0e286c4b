import type { ServerConfig } from "../../config/schema/types";
import { environmentConfig, serverConfig } from "../support/environment";
import { addresses, at, type StackDocument, synthesise } from "../support/synthesise";

const withServers = (servers: readonly ServerConfig[], more = {}) =>
  synthesise(environmentConfig({ servers: { servers, ...more } })).servers;
const STATE = "data.terraform_remote_state.foundation.outputs";

it("an app client gets tokens for itself alone, with the scopes of its level", () => {
  const server = serverConfig("sync", { s3Permissions: "read-write", accessTokenValidityMinutes: 15 });
  const identifier = `\${${STATE}.resource_server_identifier}`;
  expect(at(withServers([server]), "aws_cognito_user_pool_client.server_sync")).toEqual({
    name: "oidc-s3-dev-sync",
    user_pool_id: `\${${STATE}.cognito_user_pool_id}`,
    generate_secret: true,
    allowed_oauth_flows_user_pool_client: true,
    allowed_oauth_flows: ["client_credentials"],
    allowed_oauth_scopes: [`${identifier}/write`, `${identifier}/read`],
    supported_identity_providers: ["COGNITO"],
    explicit_auth_flows: ["ALLOW_REFRESH_TOKEN_AUTH"],
    enable_token_revocation: true,
    access_token_validity: 15,
    id_token_validity: 15,
    refresh_token_validity: 5,
    token_validity_units: [{ access_token: "minutes", id_token: "minutes", refresh_token: "days" }],
    lifecycle: { ignore_changes: ["generate_secret"] },
  });
});

it("a role is assumed by the vending Lambda's role and nobody else", () => {
  const role = at(withServers([serverConfig("sync")]), "aws_iam_role.server_sync");
  expect(role).toMatchObject({ name: "oidc-s3-cognito-dev-sync", max_session_duration: 3600 });
  expect(JSON.parse(role.assume_role_policy as string).Statement).toEqual([
    {
      Effect: "Allow",
      Principal: { AWS: `\${${STATE}.credential_vending_lambda_role_arn}` },
      Action: ["sts:AssumeRole", "sts:TagSession"],
    },
  ]);
});

it("a role's tags are the common ones, the server, the environment and the server's own, the last winning", () => {
  const server = serverConfig("sync", { tags: { Team: "data", Environment: "theirs" } });
  const document = withServers([server], { commonTags: { Team: "platform", CostCenter: "7" } });
  expect(at(document, "aws_iam_role.server_sync").tags).toEqual({
    CostCenter: "7",
    Environment: "theirs",
    Server: "sync",
    Team: "data",
  });
});

it.each([
  ["write", ["write"], ["s3:PutObject", "s3:AbortMultipartUpload"]],
  ["read", ["read"], ["s3:GetObject"]],
  ["read-write", ["read", "write"], ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject"]],
  [
    "full",
    ["delete", "list", "read", "write"],
    ["s3:PutObject", "s3:AbortMultipartUpload", "s3:GetObject", "s3:DeleteObject"],
  ],
] as const)("%s: table item and policies", (s3Permissions, scopes, actions) => {
  const document = withServers([serverConfig("sync", { s3Permissions, s3PathPrefix: "data/sync/" })]);
  const mapping = at(document, "aws_dynamodb_table_item.client_role_mapping_sync");
  expect(mapping).toMatchObject({ table_name: `\${${STATE}.client_roles_table_name}`, hash_key: "client_id" });
  const item = JSON.parse(mapping.item as string);
  expect(item).toEqual({
    allowed_scopes: { SS: scopes },
    client_id: { S: "${aws_cognito_user_pool_client.server_sync.id}" },
    role_arn: { S: "${aws_iam_role.server_sync.arn}" },
    s3_path_prefix: { S: "data/sync/" },
    s3_permissions: { S: s3Permissions },
    server_name: { S: "sync" },
  });
  // The provider gives keys and sets back sorted: any other order would be a change in every plan.
  expect(Object.keys(item)).toEqual(Object.keys(item).sort());

  expect(at(document, "aws_iam_role_policy.s3_objects_sync")).toMatchObject({
    name: "s3-object-access",
    role: "${aws_iam_role.server_sync.name}",
    policy: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: actions, Resource: `\${${STATE}.bucket_arn}/data/sync/*` }],
    }),
  });
  expect(addresses(document).includes("aws_iam_role_policy.s3_list_sync")).toBe(s3Permissions === "full");
});

it("an item has a session duration only where it is not the default", () => {
  const item = (maxSessionDuration: number) => {
    const document = withServers([serverConfig("sync", { maxSessionDuration })]);
    return JSON.parse(at(document, "aws_dynamodb_table_item.client_role_mapping_sync").item as string);
  };
  expect(item(900).max_session_duration).toEqual({ N: "900" });
  expect(item(3600)).not.toHaveProperty("max_session_duration");
});

it("policies hold characters that IAM takes only, and the prefix all the same", () => {
  const document = withServers([serverConfig("sync", { s3PathPrefix: "größe/日本/", s3Permissions: "full" })]);
  for (const name of ["s3_objects_sync", "s3_list_sync"]) {
    const { policy } = at(document, `aws_iam_role_policy.${name}`) as { policy: string };
    expect(policy).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.stringify(JSON.parse(policy))).toContain("größe/日本/*");
  }
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: no more than Latin-1 in a description
  expect(at(document, "aws_iam_role.server_sync").description).toMatch(/^[\x20-\x7e]{1,1000}$/);
});

it("outputs have what a client is configured with, and secrets apart", () => {
  const { output } = withServers([serverConfig("sync", { s3PathPrefix: "data/sync/", s3Permissions: "read-write" })]);
  expect(output.server_configurations?.value).toEqual({
    sync: {
      allowed_scopes: ["write", "read"],
      aws_region: "eu-west-1",
      cognito_client_id: "${aws_cognito_user_pool_client.server_sync.id}",
      cognito_domain: `\${${STATE}.cognito_domain}`,
      cognito_token_endpoint: `\${${STATE}.cognito_token_endpoint}`,
      credential_vending_api_url: `\${${STATE}.credential_vending_api_url}`,
      resource_server_identifier: `\${${STATE}.resource_server_identifier}`,
      s3_bucket: `\${${STATE}.bucket_name}`,
      s3_path_prefix: "data/sync/",
    },
  });
  expect(output.server_secrets?.value).toEqual({ sync: "${aws_cognito_user_pool_client.server_sync.client_secret}" });
  expect(output.server_role_arns?.value).toEqual({
    sync: `arn:aws:iam::\${${STATE}.aws_account_id}:role/oidc-s3-cognito-dev-sync`,
  });
});

it("the foundation's state is read with the arguments that reading takes", () => {
  const environment = environmentConfig();
  const foundation = { ...environment.backends.foundation, profile: "ops", use_lockfile: true, kms_key_id: "k" };
  const { servers } = synthesise({ ...environment, backends: { ...environment.backends, foundation } });
  expect(at(servers, "data.terraform_remote_state.foundation")).toEqual({
    backend: "s3",
    config: {
      bucket: "oidc-s3-uploader-tfstate",
      key: "dev/cognito-foundation/terraform.tfstate",
      profile: "ops",
      region: "eu-west-1",
    },
  });
});

/** Everything of a stack that does not name the server. */
function without(document: StackDocument, server: string): string {
  return JSON.stringify(document, (key, value) => (key.includes(server) ? undefined : value));
}

it("a server that is added or removed changes nothing of the others", () => {
  const others = [serverConfig("a"), serverConfig("c", { s3Permissions: "full" })];
  const before = withServers(others);
  const after = withServers([others[0] as ServerConfig, serverConfig("newcomer"), others[1] as ServerConfig]);
  expect(addresses(after).length).toBe(addresses(before).length + 4);
  expect(without(after, "newcomer")).toBe(JSON.stringify(before));
});

it("the order of servers in the file makes no difference", () => {
  const servers = [serverConfig("a"), serverConfig("b", { s3Permissions: "full" })];
  const text = (list: ServerConfig[]) => synthesise(environmentConfig({ servers: { servers: list } })).serversText;
  expect(text([...servers].reverse())).toBe(text(servers));
});

it("module state is adopted by moved blocks on request only", () => {
  const servers = [serverConfig("1st.one", { s3Permissions: "full" })];
  expect(withServers(servers)).not.toHaveProperty("moved");
  const document = withServers(servers, { adoptModuleState: true });
  expect(document.moved).toEqual(
    [
      ["aws_cognito_user_pool_client.server", "aws_cognito_user_pool_client.server_1st_one"],
      ["aws_iam_role.server", "aws_iam_role.server_1st_one"],
      ["aws_iam_role_policy.s3_objects", "aws_iam_role_policy.s3_objects_1st_one"],
      ["aws_iam_role_policy.s3_list[0]", "aws_iam_role_policy.s3_list_1st_one"],
      ["aws_dynamodb_table_item.client_role_mapping", "aws_dynamodb_table_item.client_role_mapping_1st_one"],
    ].map(([from, to]) => ({ from: `module.server_access["1st.one"].${from}`, to })),
  );
  expect(addresses(document)).toEqual(expect.arrayContaining(document.moved?.map(({ to }) => to) ?? []));
});
