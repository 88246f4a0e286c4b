import type { Json } from "../aws/cognito/fault";

/**
 * An error of the kind that Cognito answers with: HTTP 400 and a name in `__type`. Names are those of AWS's API
 * references; sentences are AWS's own where a comment does not say otherwise.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  constructor(
    readonly type: string,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

export function notAuthorized(message: string): ServiceError {
  return new ServiceError("NotAuthorizedException", message);
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError("InvalidParameterException", message);
}

/** One answer for a wrong password and for a name that nobody has. */
export function incorrect(): ServiceError {
  return notAuthorized("Incorrect username or password.");
}

/** The session string of a challenge has been used, has expired, or was never handed out. */
export function invalidSession(): ServiceError {
  return notAuthorized("Invalid session for the user.");
}

export function codeMismatch(): ServiceError {
  return new ServiceError("CodeMismatchException", "Invalid code received for user");
}

export type { Json };

/** @throws {ServiceError} where the request lacks it, or where it is no text. */
export function text(input: Json, name: string): string {
  const value = input[name];
  if (typeof value === "string" && value !== "") return value;
  throw invalidParameter(`Missing required parameter ${name}`);
}

export function optionalText(input: Json, name: string): string | undefined {
  return input[name] === undefined || input[name] === null ? undefined : text(input, name);
}

/** @throws {ServiceError} where it is neither missing nor an object. */
export function object(input: Json, name: string): Json {
  const value = input[name] ?? {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Json;
  throw new ServiceError("SerializationException", `${name} must be an object`);
}
