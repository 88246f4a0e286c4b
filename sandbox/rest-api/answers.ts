/** An answer of the gateway's own: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
interface GatewayAnswer {
  readonly status: number;
  readonly message: string;
  /** The header `x-amzn-errortype`. */
  readonly type: string;
}

const UNAUTHORIZED: GatewayAnswer = { status: 401, message: "Unauthorized", type: "UnauthorizedException" };

export const ANSWERS = {
  /** For a path, a method or a stage that is not there: what is not there cannot be told from what is closed. */
  noRoute: { status: 403, message: "Missing Authentication Token", type: "MissingAuthenticationTokenException" },
  unauthorized: UNAUTHORIZED,
  /**
   * A valid token without a scope that the method asks for. AWS's list has 403 for its response type ACCESS_DENIED; the
   * documented example, which people have seen, has this.
   */
  scopeMissing: UNAUTHORIZED,
  expired: { status: 401, message: "The incoming token has expired", type: "UnauthorizedException" },
  requestTooLarge: { status: 413, message: "Request Too Long", type: "RequestEntityTooLargeException" },
  unsupportedMediaType: { status: 415, message: "Unsupported Media Type", type: "BadRequestException" },
  gatewayFault: { status: 500, message: "Internal server error", type: "InternalServerErrorException" },
  backendFault: { status: 502, message: "Internal server error", type: "InternalServerErrorException" },
  backendTimeout: { status: 504, message: "Endpoint request timed out", type: "InternalServerErrorException" },
} as const satisfies Readonly<Record<string, GatewayAnswer>>;

/** A request that is answered by the gateway and reaches no backend, or got no usable answer from it. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  /** @param cause what only the sandbox's log may say. */
  constructor(
    readonly answer: keyof typeof ANSWERS,
    cause?: unknown,
  ) {
    super(ANSWERS[answer].message, { cause });
  }
}
