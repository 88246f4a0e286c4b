import { LONGEST_VENDING_SECONDS } from "../access/client-control";

/** Seconds that AWS Lambda gives an invocation; the construct sets the function's timeout from it. */
export const FUNCTION_TIMEOUT_SECONDS = LONGEST_VENDING_SECONDS;

/** Milliseconds kept back from the function's own time, so that there is an answer after a dependency used up its part. */
export const ANSWER_RESERVE_MS = 500;

/**
 * Milliseconds that each dependency has for all its attempts together. Their sum and the reserve stay below the
 * function's timeout, so that a slow dependency is always our 503 and never API Gateway's bare 500.
 */
export const DEPENDENCY_LIMIT_MS = { jwks: 2000, dynamodb: 2500, sts: 3500 } as const;
export type Dependency = keyof typeof DEPENDENCY_LIMIT_MS;

/** Bytes of a request body after base64 decoding. A Cognito access token has about 1 kB. */
export const MAX_BODY_BYTES = 16 * 1024;

/** Bytes of an answer of DynamoDB, whose items have 400 kB at most, or of STS. */
export const MAX_AWS_ANSWER_BYTES = 1_000_000;

/** Bytes of a JWKS answer. Cognito's has about 1 kB; API Gateway's own authorizer reads at most 150,000. */
export const MAX_JWKS_BYTES = 150_000;
