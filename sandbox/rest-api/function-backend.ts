import { GetPolicyCommand, type LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import type { LambdaFunction } from "../lambda/lambda-function";
import { GatewayError } from "./answers";
import type { BackendAnswer, GatewayRequest } from "./gateway-request";
import { mayInvoke } from "./invoke-permission";
import { proxyEvent } from "./proxy-event";

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, of a synchronous invocation. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
/** Milliseconds after which a function's policy is read again. */
const READ_AGAIN_MS = 1000;

/** A function that answers routes, and the policy that says who may invoke it. */
export class FunctionBackend {
  private policy: { readonly text: string | undefined; readonly readAt: number } | undefined;

  /** @param now milliseconds. */
  constructor(
    private readonly functionArn: string,
    private readonly lambda: LambdaClient,
    private readonly running: LambdaFunction,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws {GatewayError} */
  async answer(request: GatewayRequest): Promise<BackendAnswer> {
    if (!mayInvoke(await this.readPolicy(), this.functionArn, sourceArn(request, this.functionArn))) {
      throw new GatewayError("gatewayFault", new Error(`no permission lets the API invoke ${this.functionArn}`));
    }
    const event = proxyEvent(request);
    if (JSON.stringify(event).length > MAX_EVENT_BYTES) throw new GatewayError("requestTooLarge");
    try {
      return backendAnswer(await this.running.invoke(event));
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      throw new GatewayError(
        (error as Error).name === "FunctionTimeoutError" ? "backendTimeout" : "backendFault",
        error,
      );
    }
  }

  private async readPolicy(): Promise<string | undefined> {
    if (this.policy === undefined || this.now() - this.policy.readAt >= READ_AGAIN_MS) {
      const readAt = this.now();
      this.policy = { text: await this.fetchPolicy(), readAt };
    }
    return this.policy.text;
  }

  private async fetchPolicy(): Promise<string | undefined> {
    try {
      return (await this.lambda.send(new GetPolicyCommand({ FunctionName: this.functionArn }))).Policy;
    } catch (error) {
      // It is the policy that is not there.
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    }
  }
}

/** What the API calls the function as: its method at its stage. */
function sourceArn({ apiId, stage, httpMethod, route }: GatewayRequest, functionArn: string): string {
  const [, partition, , region, account] = functionArn.split(":");
  return `arn:${partition}:execute-api:${region}:${account}:${apiId}/${stage.name}/${httpMethod}${route.resourcePath}`;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html#api-gateway-simple-proxy-for-lambda-output-format */
function backendAnswer(result: unknown): BackendAnswer {
  const {
    statusCode,
    headers = {},
    multiValueHeaders = {},
    body = "",
    isBase64Encoded,
  } = (result ?? {}) as FunctionResult;
  const status = Number(statusCode);
  if (!Number.isInteger(status) || status < 100 || status > 599 || typeof body !== "string") {
    throw new GatewayError("backendFault", new Error("the function's answer is not of the form that a REST API takes"));
  }
  const texts = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  const lists = Object.entries(multiValueHeaders).map(([name, values]) => [name.toLowerCase(), values.map(String)]);
  return {
    status,
    headers: { "content-type": "application/json", ...Object.fromEntries([...texts, ...lists]) },
    body: Buffer.from(body, isBase64Encoded === true ? "base64" : "utf8"),
  };
}

interface FunctionResult {
  readonly statusCode?: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly unknown[]>>;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}
