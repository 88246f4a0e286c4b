import { GatewayError } from "./answers";
import type { BackendAnswer, GatewayRequest } from "./gateway-request";
import type { MockIntegration } from "./integration";

const JSON_TYPE = "application/json";

/**
 * What API Gateway answers by itself: the request's template says which status, and the response of that status what.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
 */
export function mockAnswer(integration: MockIntegration, request: GatewayRequest): BackendAnswer {
  const status = String(wantedStatus(integration, request));
  const { responses } = integration;
  const response =
    responses.find(({ selectionPattern: pattern }) => pattern && new RegExp(`^(?:${pattern})$`).test(status)) ??
    responses.find(({ selectionPattern }) => !selectionPattern);
  if (response === undefined)
    throw new GatewayError("gatewayFault", new Error(`no response is deployed for ${status}`));
  const [type = JSON_TYPE, template = ""] = Object.entries(response.responseTemplates ?? {})[0] ?? [];
  return {
    status: Number(response.statusCode),
    headers: { "content-type": type },
    body: Buffer.from(plain(template)),
  };
}

function wantedStatus(integration: MockIntegration, request: GatewayRequest): number {
  let answer: unknown;
  try {
    answer = JSON.parse(plain(requestTemplate(integration, request)));
  } catch (error) {
    throw error instanceof GatewayError ? error : new GatewayError("gatewayFault", error);
  }
  const status = (answer as { statusCode?: unknown } | null)?.statusCode;
  if (!Number.isInteger(status)) throw new GatewayError("gatewayFault", new Error("the template gives no statusCode"));
  return status as number;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html */
function requestTemplate(
  { requestTemplates, passthroughBehavior }: MockIntegration,
  { rawHeaders, body }: GatewayRequest,
): string {
  const header = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === "content-type");
  const type = (header < 0 ? JSON_TYPE : (rawHeaders[header + 1] ?? "")).split(";")[0]?.trim().toLowerCase() ?? "";
  const template = requestTemplates[type];
  if (template !== undefined) return template;
  const passesOn =
    passthroughBehavior === "WHEN_NO_MATCH" ||
    (passthroughBehavior === "WHEN_NO_TEMPLATES" && Object.keys(requestTemplates).length === 0);
  if (!passesOn) throw new GatewayError("unsupportedMediaType");
  return body.toString("utf8");
}

/** The texts that are deployed here have no variables and no directives; one that has must not be answered as it is. */
function plain(template: string): string {
  if (!/[$#]!?[A-Za-z{*#]/.test(template)) return template;
  throw new GatewayError("gatewayFault", new Error("the sandbox does not evaluate templates with variables"));
}
