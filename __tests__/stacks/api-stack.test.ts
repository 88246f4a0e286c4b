import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { apiFiles, configOf } from "../config/support/load";
import {
  addresses,
  at,
  LAMBDA_CODE,
  referencedAddresses,
  type StackDocument,
  synthesiseApi,
} from "../support/synthesise";

const synthesiseText = async (text: string) => synthesiseApi(await configOf(apiFiles(text)));
const documentOf = async (text: string) => (await synthesiseText(text)).document;
const POOL = "aws_cognito_user_pool.m2m_user_pool";
const DOMAIN = "aws_cognito_user_pool_domain.m2m_domain";
const CLIENT = "aws_cognito_user_pool_client.m2m_client";
/** As of the tests that nothing but the named part changes: what is in one document and not in the other. */
const different = (before: StackDocument, after: StackDocument) =>
  [...new Set([...addresses(before), ...addresses(after)])].filter((address) => {
    const of = (document: StackDocument) =>
      addresses(document).includes(address) ? JSON.stringify(at(document, address)) : undefined;
    return of(before) !== of(after);
  });

describe("without routes", () => {
  it("it is a user pool for machines, resource by resource", async () => {
    const { document } = await synthesiseText("");
    expect(addresses(document)).toEqual(["aws_cognito_resource_server.m2m_resource_server", POOL, CLIENT, DOMAIN]);
    expect(at(document, POOL)).toMatchObject({
      name: "dev-machine-to-machine-user-pool",
      tags: { Environment: "dev", Project: "m2m-auth", Terraform: "true", CloudFormation: "false" },
      // Nobody signs up by himself.
      admin_create_user_config: { allow_admin_create_user_only: true },
      deletion_protection: "INACTIVE",
    });
    expect(at(document, DOMAIN)).toEqual({
      domain: "m2m-rubicon-dev-auth",
      managed_login_version: 2,
      user_pool_id: `\${${POOL}.id}`,
    });
    expect(at(document, "aws_cognito_resource_server.m2m_resource_server")).toEqual({
      identifier: "m2m-client",
      name: "User API",
      scope: [
        { scope_name: "read", scope_description: "Read access" },
        { scope_name: "write", scope_description: "Write access" },
      ],
      user_pool_id: `\${${POOL}.id}`,
    });
    expect(at(document, CLIENT)).toEqual({
      name: "m2m_client",
      user_pool_id: `\${${POOL}.id}`,
      generate_secret: true,
      allowed_oauth_flows_user_pool_client: true,
      allowed_oauth_flows: ["client_credentials"],
      allowed_oauth_scopes: ["m2m-client/read", "m2m-client/write"],
      supported_identity_providers: ["COGNITO"],
      explicit_auth_flows: ["ALLOW_REFRESH_TOKEN_AUTH"],
      enable_token_revocation: true,
      access_token_validity: 60,
      id_token_validity: 60,
      refresh_token_validity: 5,
      token_validity_units: [{ access_token: "minutes", id_token: "minutes", refresh_token: "days" }],
      depends_on: ["aws_cognito_resource_server.m2m_resource_server"],
      lifecycle: { ignore_changes: ["generate_secret"] },
    });
    expect(Object.keys(document.output).sort()).toEqual([
      ...["client_ids", "client_secrets", "cognito_domain", "issuer_url", "scopes", "token_commands"],
      ...["token_endpoint", "user_pool_id"],
    ]);
  });

  it("everything has the tags of the documented deployment, and common ones besides", async () => {
    const document = await documentOf('project_tag = "billing"\ncommon_tags = { CostCenter = "7" }');
    const tags = { CloudFormation: "false", Environment: "dev", Project: "billing", Terraform: "true" };
    expect(document.provider.aws).toMatchObject([{ default_tags: [{ tags: { ...tags, CostCenter: "7" } }] }]);
    // A pool that is taken over has these as its own: were they the provider's alone, a plan would show a change.
    expect(at(document, POOL).tags).toEqual(tags);
  });

  it("domain and issuer are of the region, and of the pool", async () => {
    const { output } = await documentOf('aws_region = "eu-central-1"\nmanaged_login = false');
    expect(output.cognito_domain?.value).toBe(`https://\${${DOMAIN}.domain}.auth.eu-central-1.amazoncognito.com`);
    expect(output.token_endpoint?.value).toBe(`${output.cognito_domain?.value}/oauth2/token`);
    expect(output.issuer_url?.value).toBe(`https://cognito-idp.eu-central-1.amazonaws.com/\${${POOL}.id}`);
  });

  it("the provider's settings are those of the file", async () => {
    const document = await documentOf('profile = "ops"\nallowed_account_ids = ["123456789012"]\nmanaged_login = false');
    expect(document.provider.aws).toMatchObject([{ profile: "ops", allowed_account_ids: ["123456789012"] }]);
    expect(at(document, DOMAIN)).not.toHaveProperty("managed_login_version");
    expect(document.terraform.backend.s3).toMatchObject({ key: "dev/api.tfstate" });
  });
});

const BOOK_AND_USER = readFileSync(join(__dirname, "../../environments/dev/api.tfvars"), "utf8");

describe("with the documented routes", () => {
  it("it has a REST API, a method for each route, and what answers them", async () => {
    const document = await documentOf(BOOK_AND_USER);
    expect(addresses(document)).toEqual(
      [
        ...["rest_api.api", "authorizer.cognito", "deployment.api", "stage.api", "method_settings.all"],
        ...["resource.book", "resource.user"],
        ...["GET_book", "POST_book", "GET_user", "POST_user"].flatMap((name) => [
          `method.${name}`,
          `integration.${name}`,
        ]),
      ]
        .map((name) => `aws_api_gateway_${name}`)
        .concat(
          ["book", "user"].flatMap((name) =>
            ["lambda_function", "lambda_permission", "iam_role", "iam_role_policy", "cloudwatch_log_group"].map(
              (type) => `aws_${type}.${name}`,
            ),
          ),
          ["aws_cognito_resource_server.book_and_user", "aws_cognito_resource_server.m2m_resource_server"],
          [POOL, DOMAIN, CLIENT, "aws_cognito_user_pool_client.reports"],
        )
        .sort(),
    );
    expect(addresses(document)).toEqual(expect.arrayContaining(referencedAddresses(document)));
    expect(at(document, "aws_api_gateway_authorizer.cognito")).toEqual({
      name: "CognitoAuthorizer",
      provider_arns: [`\${${POOL}.arn}`],
      rest_api_id: "${aws_api_gateway_rest_api.api.id}",
      type: "COGNITO_USER_POOLS",
    });
    expect(at(document, "aws_api_gateway_method.GET_book")).toEqual({
      authorization: "COGNITO_USER_POOLS",
      authorization_scopes: ["API/book.get"],
      authorizer_id: "${aws_api_gateway_authorizer.cognito.id}",
      http_method: "GET",
      resource_id: "${aws_api_gateway_resource.book.id}",
      rest_api_id: "${aws_api_gateway_rest_api.api.id}",
    });
    expect(at(document, "aws_api_gateway_integration.POST_user")).toEqual({
      http_method: "${aws_api_gateway_method.POST_user.http_method}",
      integration_http_method: "POST",
      resource_id: "${aws_api_gateway_resource.user.id}",
      rest_api_id: "${aws_api_gateway_rest_api.api.id}",
      type: "AWS_PROXY",
      uri: "${aws_lambda_function.user.invoke_arn}",
    });
  });

  it("the client has the scopes that are true alone", async () => {
    const client = at(await documentOf(BOOK_AND_USER), "aws_cognito_user_pool_client.reports");
    expect(client).toMatchObject({
      name: "OAuthClient",
      allowed_oauth_scopes: ["API/book.get", "API/book.post"],
      access_token_validity: 1440,
    });
  });

  it("the deployment waits for every method and integration", async () => {
    const document = await documentOf(BOOK_AND_USER);
    const waited = addresses(document).filter((address) => /^aws_api_gateway_(method|integration)\./.test(address));
    expect([...(at(document, "aws_api_gateway_deployment.api").depends_on as string[])].sort()).toEqual(waited);
  });

  it("a function's zip holds its bundle, and its name and size are the file's", async () => {
    const { document, file } = await synthesiseText(
      BOOK_AND_USER.replace(
        '{ source = "functions/book" }',
        '{ source = "functions/book", memory_mb = 512, name = "books" }',
      ),
    );
    expect(unzipSync(file("functions/book.zip"))).toEqual({ "index.mjs": new Uint8Array(LAMBDA_CODE) });
    expect(at(document, "aws_lambda_function.book")).toMatchObject({
      function_name: "books",
      memory_size: 512,
      timeout: 10,
      runtime: "nodejs22.x",
      handler: "index.handler",
      filename: "${path.module}/functions/book.zip",
      role: "${aws_iam_role.book.arn}",
      depends_on: ["aws_cloudwatch_log_group.book", "aws_iam_role_policy.book"],
    });
    expect(at(document, "aws_cloudwatch_log_group.book")).toEqual({ name: "/aws/lambda/books", retention_in_days: 30 });
  });

  it("roles have the path and the boundary of the file, and write their own log alone", async () => {
    const boundary = "arn:aws:iam::123456789012:policy/bound";
    const document = await documentOf(`${BOOK_AND_USER}\npermissions_boundary = "${boundary}"\niam_path = "/api/"`);
    const role = at(document, "aws_iam_role.user");
    expect(role).toMatchObject({ name: "dev-user-api", path: "/api/", permissions_boundary: boundary });
    expect(JSON.parse(role.assume_role_policy as string).Statement).toEqual([
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
    expect(JSON.parse(at(document, "aws_iam_role_policy.user").policy as string).Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: "${aws_cloudwatch_log_group.user.arn}:*",
      },
    ]);
  });

  it("a function is called by this API's stage, and by nobody where no route leads to it", async () => {
    const document = await documentOf(
      BOOK_AND_USER.replaceAll(', function = "user"', "").replace("project_tag", 'stage_name = "v1"\nproject_tag'),
    );
    expect(at(document, "aws_lambda_permission.book")).toEqual({
      action: "lambda:InvokeFunction",
      function_name: "${aws_lambda_function.book.function_name}",
      principal: "apigateway.amazonaws.com",
      source_arn: "${aws_api_gateway_rest_api.api.execution_arn}/v1/*/*",
      statement_id: "AllowRestApi",
    });
    expect(addresses(document)).not.toContain("aws_lambda_permission.user");
    expect(addresses(document)).toContain("aws_lambda_function.user");
  });
});

const PREFIX = `resource_servers = { api = { identifier = "API", scopes = { get = "Read", post = "Add" } } }
clients = { c = { scopes = { "API/get" = true } } }
`;
const withRoutes = (routes: string, more = "") => documentOf(`${PREFIX}routes = {\n${routes}\n}\n${more}`);

it("a route without a backend is answered by API Gateway itself", async () => {
  const document = await withRoutes('"GET /book/{id}" = { scopes = ["API/get"] }');
  expect(at(document, "aws_api_gateway_integration.GET_book_id")).toMatchObject({
    type: "MOCK",
    request_templates: { "application/json": '{"statusCode":200}' },
    passthrough_behavior: "WHEN_NO_TEMPLATES",
  });
  expect(at(document, "aws_api_gateway_integration_response.GET_book_id")).toMatchObject({
    status_code: "${aws_api_gateway_method_response.GET_book_id.status_code}",
    response_templates: {
      "application/json": '{"Result":"Success","Description":"your GET for /book/{id} is completed"}',
    },
    depends_on: ["aws_api_gateway_integration.GET_book_id"],
  });
  expect(at(document, "aws_api_gateway_resource.book_id")).toMatchObject({
    parent_id: "${aws_api_gateway_resource.book.id}",
    path_part: "{id}",
  });
  expect(at(document, "aws_api_gateway_deployment.api").depends_on).toHaveLength(4);
});

it("a route with a URL passes requests on, variables of the path included", async () => {
  const document = await withRoutes(
    '"ANY /v1/{all+}" = { scopes = ["API/get"], url = "https://books.example.com/{all}" }',
  );
  expect(at(document, "aws_api_gateway_method.ANY_v1_all")).toMatchObject({
    http_method: "ANY",
    request_parameters: { "method.request.path.all": true },
  });
  expect(at(document, "aws_api_gateway_integration.ANY_v1_all")).toMatchObject({
    type: "HTTP_PROXY",
    integration_http_method: "ANY",
    uri: "https://books.example.com/{all}",
    request_parameters: { "integration.request.path.all": "method.request.path.all" },
  });
});

it("a route at the top is a method of the API's own resource", async () => {
  const document = await withRoutes('"GET /" = { scopes = ["API/get"] }');
  expect(at(document, "aws_api_gateway_method.GET_root").resource_id).toBe(
    "${aws_api_gateway_rest_api.api.root_resource_id}",
  );
  expect(document.resource).not.toHaveProperty("aws_api_gateway_resource");
});

it("an API and its pool are throttled, and logged where that is wanted, without any token", async () => {
  const route = '"GET /book" = { scopes = ["API/get"] }';
  const silent = await withRoutes(route, "api_throttling_rate_limit = 7\napi_throttling_burst_limit = 9");
  expect(at(silent, "aws_api_gateway_method_settings.all")).toMatchObject({
    method_path: "*/*",
    settings: { throttling_rate_limit: 7, throttling_burst_limit: 9, logging_level: "OFF", data_trace_enabled: false },
  });
  expect(at(silent, "aws_api_gateway_stage.api")).not.toHaveProperty("access_log_settings");

  const logged = await withRoutes(route, "api_logging = true\nlog_retention_days = 7");
  const { format } = (at(logged, "aws_api_gateway_stage.api").access_log_settings ?? {}) as { format: string };
  expect(JSON.parse(format)).toMatchObject({
    status: "$context.status",
    clientId: "$context.authorizer.claims.client_id",
  });
  expect(format).not.toMatch(/header|token\b/i);
  expect(at(logged, "aws_api_gateway_method_settings.all").settings).toMatchObject({
    logging_level: "ERROR",
    data_trace_enabled: false,
  });
  const id = "${aws_api_gateway_rest_api.api.id}";
  expect(logged.resource.aws_cloudwatch_log_group).toEqual({
    api_access: { name: `/aws/apigateway/${id}/dev`, retention_in_days: 7 },
    // The name that API Gateway gives it itself, with events that are kept for ever.
    api_errors: { name: `API-Gateway-Execution-Logs_${id}/dev`, retention_in_days: 7 },
  });
});

it("protection keeps what holds identity from being destroyed or replaced", async () => {
  const document = await withRoutes('"GET /book" = { scopes = ["API/get"] }', "deletion_protection = true");
  const protectedAddresses = addresses(document).filter(
    (address) => (at(document, address).lifecycle as { prevent_destroy?: boolean } | undefined)?.prevent_destroy,
  );
  expect(protectedAddresses).toEqual([
    "aws_api_gateway_rest_api.api",
    "aws_cognito_resource_server.api",
    POOL,
    "aws_cognito_user_pool_client.c",
    DOMAIN,
  ]);
  expect(at(document, POOL).deletion_protection).toBe("ACTIVE");
});

describe("a change", () => {
  const book = '"GET /book" = { scopes = ["API/get"] }';
  const trigger = (document: StackDocument) => at(document, "aws_api_gateway_deployment.api").triggers;

  it("of a client's scope is of that client alone", async () => {
    const before = await withRoutes(book);
    const text = `${PREFIX.replace('"API/get" = true', '"API/get" = true, "API/post" = true')}routes = {\n${book}\n}\n`;
    expect(different(before, await documentOf(text))).toEqual(["aws_cognito_user_pool_client.c"]);
  });

  it("of the scopes that a resource server has is of that alone, and a new client is a client alone", async () => {
    const before = await withRoutes(book);
    const scope = PREFIX.replace('post = "Add"', 'post = "Add", put = "Change"');
    expect(different(before, await documentOf(`${scope}routes = {\n${book}\n}\n`))).toEqual([
      "aws_cognito_resource_server.api",
    ]);
    const client = PREFIX.replace("clients = {", 'clients = { d = { scopes = { "API/post" = true } },');
    expect(different(before, await documentOf(`${client}routes = {\n${book}\n}\n`))).toEqual([
      "aws_cognito_user_pool_client.d",
    ]);
  });

  it("of a route's scope is of its method and of the deployment", async () => {
    const after = await withRoutes('"GET /book" = { scopes = ["API/get", "API/post"] }');
    expect(different(await withRoutes(book), after)).toEqual([
      "aws_api_gateway_deployment.api",
      "aws_api_gateway_method.GET_book",
    ]);
  });

  it.each([
    ["a scope", '"GET /book" = { scopes = ["API/post"] }'],
    ["a path", '"GET /books" = { scopes = ["API/get"] }'],
    ["a method", '"PUT /book" = { scopes = ["API/get"] }'],
    ["a URL", '"GET /book" = { scopes = ["API/get"], url = "https://books.example.com" }'],
    ["another route", `${book}\n"POST /book" = { scopes = ["API/post"] }`],
  ])("%s makes a new deployment", async (_, routes) => {
    expect(trigger(await withRoutes(routes))).not.toEqual(trigger(await withRoutes(book)));
  });

  it("of a function's name makes a new deployment, which calls the function by it", async () => {
    const routes = '"GET /book" = { scopes = ["API/get"], function = "f" }';
    const named = (name: string) =>
      withRoutes(routes, `functions = { f = { source = "functions/book", name = "${name}" } }`);
    expect(trigger(await named("a"))).not.toEqual(trigger(await named("b")));
  });

  it("of nothing but order in the file changes nothing", async () => {
    const user = '"GET /user" = { scopes = ["API/get", "API/post"] }';
    const reordered = '"GET /user" = { scopes = ["API/post", "API/get"] }';
    expect(JSON.stringify(await withRoutes(`${reordered}\n${book}`))).toBe(
      JSON.stringify(await withRoutes(`${book}\n${user}`)),
    );
  });
});

it("outputs say what they are, and only the secrets are sensitive", async () => {
  const { output } = await documentOf(BOOK_AND_USER);
  for (const { description } of Object.values(output)) expect(description).toMatch(/^[A-Z].{10,}$/);
  expect(Object.keys(output).filter((name) => output[name]?.sensitive)).toEqual(["client_secrets"]);
  expect(output.api_endpoint?.value).toBe("${aws_api_gateway_stage.api.invoke_url}/");
  expect(output.client_ids?.value).toEqual({
    m2m_client: `\${${CLIENT}.id}`,
    reports: "${aws_cognito_user_pool_client.reports.id}",
  });
  expect(output.scopes?.value).toEqual([
    ...["API/book.get", "API/book.post", "API/user.get", "API/user.post"],
    ...["m2m-client/read", "m2m-client/write"],
  ]);
});

it("commands give each client's secret, and the token, to curl through pipes", async () => {
  const { output } = await documentOf(BOOK_AND_USER);
  expect(output.token_commands?.value).toHaveProperty(
    "m2m_client",
    [
      "terraform -chdir=cdktf.out/stacks/api-dev output -json client_secrets",
      `jq -r '"user = \\"\${${CLIENT}.id}:\\(.["m2m_client"])\\""'`,
      `curl -sS -K - -d grant_type=client_credentials 'https://\${${DOMAIN}.domain}.auth.eu-west-1.amazoncognito.com/oauth2/token'`,
    ].join(" | "),
  );
  const calls = output.call_commands?.value as Record<string, string>;
  // Nobody may call /user yet.
  expect(Object.keys(calls)).toEqual(["GET /book", "POST /book"]);
  expect(calls["POST /book"]).toMatch(
    / \| jq -r '"header = \\"Authorization: Bearer \\\(\.access_token\)\\""' \| curl -sS -g -K - -X POST '\$\{aws_api_gateway_stage\.api\.invoke_url\}\/book'$/,
  );
});
