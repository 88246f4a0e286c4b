import { ApiGatewayIntegration } from "@cdktf/provider-aws/lib/api-gateway-integration";
import { ApiGatewayIntegrationResponse } from "@cdktf/provider-aws/lib/api-gateway-integration-response";
import { ApiGatewayMethod } from "@cdktf/provider-aws/lib/api-gateway-method";
import { ApiGatewayMethodResponse } from "@cdktf/provider-aws/lib/api-gateway-method-response";
import { Construct } from "constructs";
import type { FunctionConfig, RouteConfig } from "../../config/schema/api-types";
import { literal, reference } from "../terraform-text";
import { functionAddress } from "./backend-function";

const JSON_TYPE = "application/json";

export interface RouteMethodProps {
  readonly route: RouteConfig;
  readonly functions: readonly FunctionConfig[];
  readonly restApiId: string;
  readonly resourceId: string;
  readonly authorizerId: string;
}

/** One method of the REST API: the scopes that it asks for, and what answers. */
export class RouteMethod extends Construct {
  /** What a deployment must wait for. */
  readonly addresses: readonly string[];
  /** What a deployment is made anew for, as far as it is known when stacks are synthesised. */
  readonly snapshot: unknown;

  constructor(
    scope: Construct,
    id: string,
    { route, functions, restApiId, resourceId, authorizerId }: RouteMethodProps,
  ) {
    super(scope, id);
    const method = `aws_api_gateway_method.${route.address}`;
    const integration = `aws_api_gateway_integration.${route.address}`;
    const variables = [...route.path.matchAll(/\{([^{}+]+)\+?\}/g)].map(([, name = ""]) => name);
    const passedOn = route.backend.kind === "url" ? variables : [];
    const methodProps = {
      httpMethod: route.method,
      authorization: "COGNITO_USER_POOLS",
      authorizationScopes: route.scopes.map(literal),
      // Only what is declared here can be put into a URL.
      ...(passedOn.length > 0
        ? { requestParameters: Object.fromEntries(passedOn.map((name) => [`method.request.path.${name}`, true])) }
        : {}),
    };
    const integrationProps = integrationOf(route, functions, passedOn);
    new ApiGatewayMethod(this, method, { restApiId, resourceId, authorizerId, ...methodProps });
    // The method's own, so that Terraform makes the method first.
    const place = { restApiId, resourceId, httpMethod: reference(method, "http_method") };
    new ApiGatewayIntegration(this, integration, { ...place, ...integrationProps });
    const answer = route.backend.kind === "answer" ? this.answer(route, integration, place) : undefined;
    this.addresses = [method, integration, ...(answer?.addresses ?? [])];
    this.snapshot = [route.path, methodProps, integrationProps, nameOf(route, functions), answer?.body];
  }

  /** API Gateway's own answer, without any backend. */
  private answer(
    { address, method, path }: RouteConfig,
    integration: string,
    place: { readonly restApiId: string; readonly resourceId: string; readonly httpMethod: string },
  ) {
    const body = JSON.stringify({ Result: "Success", Description: `your ${method} for ${path} is completed` });
    const declared = `aws_api_gateway_method_response.${address}`;
    const response = `aws_api_gateway_integration_response.${address}`;
    new ApiGatewayMethodResponse(this, declared, { ...place, statusCode: "200" });
    new ApiGatewayIntegrationResponse(this, response, {
      ...place,
      statusCode: reference(declared, "status_code"),
      responseTemplates: { [JSON_TYPE]: body },
      dependsOn: [{ fqn: integration }],
    });
    return { addresses: [declared, response], body };
  }
}

function integrationOf(
  { method, backend }: RouteConfig,
  functions: readonly FunctionConfig[],
  variables: readonly string[],
) {
  switch (backend.kind) {
    case "function":
      return {
        type: "AWS_PROXY",
        // Of Lambda's own API, whatever the method of the route.
        integrationHttpMethod: "POST",
        uri: reference(functionAddress(functionOf(backend.key, functions).address), "invoke_arn"),
      };
    case "url":
      return {
        type: "HTTP_PROXY",
        integrationHttpMethod: method,
        uri: literal(backend.url),
        ...(variables.length > 0
          ? {
              requestParameters: Object.fromEntries(
                variables.map((name) => [`integration.request.path.${name}`, `method.request.path.${name}`]),
              ),
            }
          : {}),
      };
    case "answer":
      return {
        type: "MOCK",
        requestTemplates: { [JSON_TYPE]: JSON.stringify({ statusCode: 200 }) },
        // A body of another type would become the template, and the answer a 500: 415 says what is wrong.
        passthroughBehavior: "WHEN_NO_TEMPLATES",
      };
  }
}

function functionOf(key: string, functions: readonly FunctionConfig[]): FunctionConfig {
  const found = functions.find((each) => each.key === key);
  if (found === undefined) throw new Error(`there is no function ${key}: check the configuration first`);
  return found;
}

/** A reference does not tell that the function behind it has another name. */
function nameOf({ backend }: RouteConfig, functions: readonly FunctionConfig[]): string | undefined {
  return backend.kind === "function" ? functionOf(backend.key, functions).name : undefined;
}
