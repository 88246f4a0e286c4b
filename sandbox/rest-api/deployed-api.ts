import {
  type APIGatewayClient,
  type Authorizer,
  GetAuthorizersCommand,
  GetStagesCommand,
  type Method,
  paginateGetResources,
} from "@aws-sdk/client-api-gateway";
import { type Integration, integrationOf } from "./integration";

/** A stage of a REST API, as the control plane has it. */
export interface DeployedStage {
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Who may call a method. */
export type Access =
  | { readonly kind: "anyone" }
  | {
      readonly kind: "scopes";
      /** The header that the token is in. */
      readonly header: string;
      readonly userPoolArns: readonly string[];
      /** Any one of them suffices. */
      readonly scopes: readonly string[];
    };

export interface DeployedMethod {
  readonly resourceId: string;
  /** Like `/book/{id}`. */
  readonly resourcePath: string;
  /** `ANY` stands for all. */
  readonly httpMethod: string;
  readonly access: Access;
  readonly integration: Integration;
}

/** A method that has been deployed with something that the gateway here does not have: it must not be served without. */
export interface UnsupportedMethod extends Pick<DeployedMethod, "resourceId" | "resourcePath" | "httpMethod"> {
  readonly unsupported: string;
}

export async function readStages(client: APIGatewayClient, restApiId: string): Promise<DeployedStage[]> {
  const { item = [] } = await client.send(new GetStagesCommand({ restApiId }));
  return item.map(({ stageName = "", deploymentId = "", variables = {} }) => ({
    name: stageName,
    deploymentId,
    variables,
  }));
}

/** Every method of a REST API, with its authorizer and its integration. */
export async function readMethods(
  client: APIGatewayClient,
  restApiId: string,
): Promise<(DeployedMethod | UnsupportedMethod)[]> {
  const { items = [] } = await client.send(new GetAuthorizersCommand({ restApiId, limit: 500 }));
  const authorizers = new Map(items.map((authorizer) => [authorizer.id ?? "", authorizer]));
  const methods: (DeployedMethod | UnsupportedMethod)[] = [];
  for await (const page of paginateGetResources({ client, pageSize: 500 }, { restApiId, embed: ["methods"] })) {
    for (const { id = "", path = "", resourceMethods = {} } of page.items ?? []) {
      for (const [httpMethod, method] of Object.entries(resourceMethods)) {
        methods.push(methodOf({ resourceId: id, resourcePath: path, httpMethod }, method, authorizers));
      }
    }
  }
  return methods;
}

function methodOf(
  place: Pick<DeployedMethod, "resourceId" | "resourcePath" | "httpMethod">,
  method: Method,
  authorizers: ReadonlyMap<string, Authorizer>,
): DeployedMethod | UnsupportedMethod {
  const access = accessOf(method, authorizers.get(method.authorizerId ?? ""));
  if (typeof access === "string") return { ...place, unsupported: access };
  const integration = integrationOf(method);
  if (typeof integration === "string") return { ...place, unsupported: integration };
  return { ...place, access, integration };
}

/** @returns a sentence where it is something that the gateway cannot decide on. */
function accessOf(method: Method, authorizer: Authorizer | undefined): Access | string {
  if (method.apiKeyRequired) return "it asks for an API key";
  if (method.requestValidatorId) return "it has a request validator";
  if (method.authorizationType === "NONE") return { kind: "anyone" };
  if (method.authorizationType !== "COGNITO_USER_POOLS") return `its authorization is ${method.authorizationType}`;
  const { type, providerARNs = [], identitySource = "", identityValidationExpression } = authorizer ?? {};
  if (type !== "COGNITO_USER_POOLS" || providerARNs.length === 0) return "its authorizer is not there";
  if (identityValidationExpression) return "its authorizer has a validation expression";
  const header = /^method\.request\.header\.([\w-]+)$/.exec(identitySource || "method.request.header.Authorization");
  if (header?.[1] === undefined) return `its authorizer looks for the token in ${identitySource}`;
  const scopes = method.authorizationScopes ?? [];
  // Then only ID tokens pass: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
  if (scopes.length === 0) return "it has no scopes, so that it asks for ID tokens, which no machine has";
  return { kind: "scopes", header: header[1], userPoolArns: providerARNs, scopes };
}
