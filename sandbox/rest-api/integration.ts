import type { Integration as DeployedIntegration, IntegrationResponse, Method } from "@aws-sdk/client-api-gateway";

/** What answers a method. */
export type Integration =
  | { readonly kind: "function"; readonly functionArn: string }
  | UrlIntegration
  | MockIntegration;

/** The request is passed on to an address as it is. */
export interface UrlIntegration {
  readonly kind: "url";
  /** `ANY` stands for the request's own. */
  readonly httpMethod: string;
  /** With `{name}` where a part of the request's path goes. */
  readonly uri: string;
  /** From a name in the address to the name in the path of the resource. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** API Gateway answers by itself. */
export interface MockIntegration {
  readonly kind: "mock";
  readonly requestTemplates: Readonly<Record<string, string>>;
  readonly passthroughBehavior: string;
  readonly responses: readonly IntegrationResponse[];
}

/** @returns a sentence where it is something that the gateway cannot do. */
export function integrationOf({ methodIntegration: integration }: Method): Integration | string {
  switch (integration?.type) {
    case "AWS_PROXY": {
      const functionArn = /:lambda:path\/[\d-]+\/functions\/(.+)\/invocations$/.exec(integration.uri ?? "")?.[1];
      return functionArn === undefined ? "its integration is with no function" : { kind: "function", functionArn };
    }
    case "HTTP_PROXY":
      return urlIntegration(integration);
    case "MOCK":
      return {
        kind: "mock",
        requestTemplates: integration.requestTemplates ?? {},
        passthroughBehavior: integration.passthroughBehavior ?? "WHEN_NO_MATCH",
        responses: Object.values(integration.integrationResponses ?? {}),
      };
    default:
      return `its integration is of type ${integration?.type ?? "none"}`;
  }
}

function urlIntegration(integration: DeployedIntegration): UrlIntegration | string {
  const pathParameters: Record<string, string> = {};
  for (const [to, from] of Object.entries(integration.requestParameters ?? {})) {
    const [, name] = /^integration\.request\.path\.([\w.-]+)$/.exec(to) ?? [];
    const [, source] = /^method\.request\.path\.([\w.-]+)$/.exec(from) ?? [];
    if (name === undefined || source === undefined) return `its integration maps ${from} to ${to}`;
    pathParameters[name] = source;
  }
  const { uri = "", httpMethod = "ANY" } = integration;
  return { kind: "url", httpMethod, uri, pathParameters };
}
