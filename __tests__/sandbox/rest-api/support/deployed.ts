import type { GatewayError } from "../../../../sandbox/rest-api/answers";
import type { DeployedMethod, DeployedStage, UnsupportedMethod } from "../../../../sandbox/rest-api/deployed-api";
import type { GatewayRequest } from "../../../../sandbox/rest-api/gateway-request";
import type { MockIntegration } from "../../../../sandbox/rest-api/integration";
import { POOL_ID } from "../../../lambda/support/tokens";

export const POOL_ARN = `arn:aws:cognito-idp:eu-west-1:123456789012:userpool/${POOL_ID}`;
export const FUNCTION_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:book";
export const STAGE: DeployedStage = { name: "dev", deploymentId: "first", variables: {} };

export function mock(body: string, changes: Partial<MockIntegration> = {}): MockIntegration {
  return {
    kind: "mock",
    requestTemplates: { "application/json": '{"statusCode": 200}' },
    passthroughBehavior: "WHEN_NO_TEMPLATES",
    responses: [{ statusCode: "200", responseTemplates: { "application/json": body } }],
    ...changes,
  };
}

/** A method as it is deployed: `GET /book`, for any one of the scopes; for anyone where there are none. */
export function method(
  key: string,
  scopes: readonly string[] = [],
  integration: DeployedMethod["integration"] = mock(`{"answer":"${key}"}`),
): DeployedMethod {
  const [httpMethod = "", resourcePath = ""] = key.split(" ");
  const access =
    scopes.length === 0
      ? ({ kind: "anyone" } as const)
      : ({ kind: "scopes", header: "Authorization", userPoolArns: [POOL_ARN], scopes } as const);
  return { resourceId: `id-of-${resourcePath}`, resourcePath, httpMethod, access, integration };
}

/** A control plane that counts how often it is asked. */
export class FakeControlPlane {
  deployed: readonly DeployedStage[] = [STAGE];
  asked = { stages: 0, methods: 0 };

  constructor(public routes: readonly (DeployedMethod | UnsupportedMethod)[]) {}

  async stages(): Promise<readonly DeployedStage[]> {
    this.asked.stages += 1;
    return this.deployed;
  }

  async methods(): Promise<readonly (DeployedMethod | UnsupportedMethod)[]> {
    this.asked.methods += 1;
    return this.routes;
  }
}

/** A request that has found its method. */
export function requestOf(changes: Partial<GatewayRequest> = {}): GatewayRequest {
  return {
    apiId: "abc123",
    accountId: "123456789012",
    requestId: "request-1",
    now: new Date("2026-03-12T19:03:58Z"),
    stage: STAGE,
    route: method("GET /book"),
    claims: undefined,
    httpMethod: "GET",
    path: "/book",
    pathParameters: {},
    query: "",
    rawHeaders: [],
    body: Buffer.alloc(0),
    sourceIp: "127.0.0.1",
    ...changes,
  };
}

/** What becomes of a request: "answered", or which answer of the gateway's own. */
export const failure = (attempt: () => unknown) =>
  Promise.resolve()
    .then(attempt)
    .then(
      () => "answered",
      (error: GatewayError) => error.answer,
    );
