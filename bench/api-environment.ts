/** The scope of a route: resource servers have a hundred at most. */
const scopeOf = (route: number) => `api-${Math.floor(route / 100)}/scope.${route % 100}`;

const indices = (length: number) => Array.from({ length }, (_, index) => index);

/** The text of an `api.tfvars` with so many routes, each with a scope of its own, and clients that have two scopes each. */
export function apiText(environment: string, routes: number, clients: number): string {
  const scopes = Math.max(routes, 1);
  const servers = indices(Math.ceil(scopes / 100)).map((server) => {
    const own = indices(Math.min(100, scopes - server * 100)).map((index) => `"scope.${index}" = "Scope ${index}"`);
    return `  server_${server} = { identifier = "api-${server}", name = "API ${server}", scopes = { ${own.join(", ")} } }`;
  });
  const clientEntries = indices(clients).map((client) => {
    const granted = new Set([scopeOf(client % scopes), scopeOf((client + 1) % scopes)]);
    return `  client_${client} = { scopes = { ${[...granted].map((scope) => `"${scope}" = true`).join(", ")} } }`;
  });
  const routeEntries = indices(routes).map(
    (route) => `  "GET /resource-${route}" = { scopes = ["${scopeOf(route)}"] }`,
  );
  return [
    `environment_name = "${environment}"`,
    'aws_region = "eu-west-1"',
    "managed_login = false",
    "deletion_protection = false",
    `resource_servers = {\n${servers.join("\n")}\n}`,
    `clients = {\n${clientEntries.join("\n")}\n}`,
    `routes = {\n${routeEntries.join("\n")}\n}`,
    "",
  ].join("\n");
}

/** The same as plain Terraform, as a team would write it by hand: a resource for each kind, with `for_each`. */
export function apiModule(environment: string, routes: number, clients: number): string {
  const scopes = Math.max(routes, 1);
  const list = (values: readonly string[]) => `[${values.map((value) => JSON.stringify(value)).join(", ")}]`;
  const serverEntries = indices(Math.ceil(scopes / 100)).map(
    (server) =>
      `    server_${server} = { identifier = "api-${server}", count = ${Math.min(100, scopes - server * 100)} }`,
  );
  const clientEntries = indices(clients).map((client) => {
    const granted = new Set([scopeOf(client % scopes), scopeOf((client + 1) % scopes)]);
    return `    client_${client} = ${list([...granted])}`;
  });
  const routeEntries = indices(routes).map((route) => `    resource-${route} = ${list([scopeOf(route)])}`);
  return `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5.100" }
  }
}
provider "aws" { region = "eu-west-1" }
locals {
  servers = {
${serverEntries.join("\n")}
  }
  clients = {
${clientEntries.join("\n")}
  }
  routes = {
${routeEntries.join("\n")}
  }
}
resource "aws_cognito_user_pool" "m2m_user_pool" {
  name = "${environment}-hand-made-user-pool"
  admin_create_user_config { allow_admin_create_user_only = true }
}
resource "aws_cognito_user_pool_domain" "m2m_domain" {
  domain       = "hand-made-${environment}-auth"
  user_pool_id = aws_cognito_user_pool.m2m_user_pool.id
}
resource "aws_cognito_resource_server" "this" {
  for_each     = local.servers
  user_pool_id = aws_cognito_user_pool.m2m_user_pool.id
  identifier   = each.value.identifier
  name         = each.value.identifier
  dynamic "scope" {
    for_each = range(each.value.count)
    content {
      scope_name        = "scope.\${scope.value}"
      scope_description = "Scope \${scope.value}"
    }
  }
}
resource "aws_cognito_user_pool_client" "this" {
  for_each                             = local.clients
  name                                 = each.key
  user_pool_id                         = aws_cognito_user_pool.m2m_user_pool.id
  generate_secret                      = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_scopes                 = each.value
  depends_on                           = [aws_cognito_resource_server.this]
}
resource "aws_api_gateway_rest_api" "api" {
  name = "hand-made"
  endpoint_configuration { types = ["REGIONAL"] }
}
resource "aws_api_gateway_authorizer" "cognito" {
  name          = "cognito"
  rest_api_id   = aws_api_gateway_rest_api.api.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [aws_cognito_user_pool.m2m_user_pool.arn]
}
resource "aws_api_gateway_resource" "this" {
  for_each    = local.routes
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = each.key
}
resource "aws_api_gateway_method" "this" {
  for_each             = local.routes
  rest_api_id          = aws_api_gateway_rest_api.api.id
  resource_id          = aws_api_gateway_resource.this[each.key].id
  http_method          = "GET"
  authorization        = "COGNITO_USER_POOLS"
  authorizer_id        = aws_api_gateway_authorizer.cognito.id
  authorization_scopes = each.value
}
resource "aws_api_gateway_integration" "this" {
  for_each          = local.routes
  rest_api_id       = aws_api_gateway_rest_api.api.id
  resource_id       = aws_api_gateway_resource.this[each.key].id
  http_method       = aws_api_gateway_method.this[each.key].http_method
  type              = "MOCK"
  request_templates = { "application/json" = "{\\"statusCode\\":200}" }
}
resource "aws_api_gateway_method_response" "this" {
  for_each    = local.routes
  rest_api_id = aws_api_gateway_rest_api.api.id
  resource_id = aws_api_gateway_resource.this[each.key].id
  http_method = aws_api_gateway_method.this[each.key].http_method
  status_code = "200"
}
resource "aws_api_gateway_integration_response" "this" {
  for_each           = local.routes
  rest_api_id        = aws_api_gateway_rest_api.api.id
  resource_id        = aws_api_gateway_resource.this[each.key].id
  http_method        = aws_api_gateway_method.this[each.key].http_method
  status_code        = aws_api_gateway_method_response.this[each.key].status_code
  response_templates = { "application/json" = "{}" }
  depends_on         = [aws_api_gateway_integration.this]
}
resource "aws_api_gateway_deployment" "api" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  triggers    = { configuration = sha1(jsonencode(local.routes)) }
  depends_on  = [aws_api_gateway_integration_response.this]
  lifecycle { create_before_destroy = true }
}
resource "aws_api_gateway_stage" "api" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  deployment_id = aws_api_gateway_deployment.api.id
  stage_name    = "${environment}"
}
`;
}
