import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import { type HttpAnswer, httpRequest, keptConnections } from "./http-request";
import { MAX_AWS_ANSWER_BYTES } from "./limits";

/** An error answer of an AWS service; its `name` is AWS's code, and AWS's message is not kept: it may hold ARNs. */
export class AwsServiceError extends Error {
  override readonly name: string;
  readonly $metadata: { readonly httpStatusCode: number; readonly requestId: string | undefined };

  constructor(code: string, { status, headers }: HttpAnswer) {
    super(code);
    this.name = code;
    this.$metadata = { httpStatusCode: status, requestId: headers["x-amzn-requestid"] as string | undefined };
  }
}

export interface AwsServiceOptions {
  /** The endpoint's and the signature's name of the service. */
  readonly service: "dynamodb" | "sts";
  readonly region: string;
  /** Milliseconds without a byte after which an attempt is given up. */
  readonly attemptMs: number;
  /** The error's code in an answer that is none of success. */
  readonly errorCode: (answer: HttpAnswer) => string | undefined;
}

/** Posts one request to an AWS service. */
export type AwsPost = (
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
) => Promise<HttpAnswer>;

/**
 * Makes the function that posts signed requests to a regional endpoint, over connections that are kept. The AWS SDK's
 * clients do the same in 80 ms more of a cold start, for two requests: docs/adr/0018-two-requests-without-the-sdk.md.
 * @throws {AwsServiceError} where the answer is an error, or httpRequest's errors.
 */
export function createAwsPost({ service, region, attemptMs, errorCode }: AwsServiceOptions): AwsPost {
  const url = new URL(redirection(service) || `https://${service}.${region}.amazonaws.com`);
  const agent = keptConnections(url);
  const signer = new SignatureV4({
    service,
    region,
    credentials: async () => environmentCredentials(),
    sha256: Hash.bind(null, "sha256"),
  });
  const target = { method: "POST", protocol: url.protocol, hostname: url.hostname, path: url.pathname };
  return async (headers, body, signal) => {
    const signed = await signer.sign({ ...target, headers: { host: url.host, ...headers }, body });
    const options = { method: "POST", headers: signed.headers, agent, signal, timeout: attemptMs };
    const answer = await httpRequest(url, { ...options, body, maxBytes: MAX_AWS_ANSWER_BYTES });
    if (answer.status !== 200) throw new AwsServiceError(errorCode(answer) ?? "UnknownError", answer);
    return answer;
  };
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html: the sandbox uses it. */
function redirection(service: AwsServiceOptions["service"]): string | undefined {
  return process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || process.env.AWS_ENDPOINT_URL;
}

/** Lambda gives a function its role's credentials in the environment. */
function environmentCredentials() {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: Lambda sets both in a function");
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
