import { SECRET_FINGERPRINT } from "../access/client-activity";
import { MAX_SESSION_SECONDS, MIN_SESSION_SECONDS } from "../access/client-role";
import { VendingError } from "./errors";
import { MAX_BODY_BYTES } from "./limits";

/** The parts of an API Gateway HTTP API event (payload format 2.0) that a request is read from. */
export interface HttpEvent {
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
  readonly isBase64Encoded?: boolean;
  readonly requestContext?: { readonly requestId?: string; readonly http?: { readonly sourceIp?: string } };
}

export interface VendingRequest {
  /** Unverified. */
  readonly accessToken: string;
  /** As long as the client's mapping allows, by default. */
  readonly durationSeconds?: number | undefined;
  /** Of the secret that the caller says it had the token by; nothing is decided by it. */
  readonly secretFingerprint?: string | undefined;
}

/**
 * Reads the access token and the requested duration. Unknown keys of the body are ignored: existing clients send some.
 * @throws {VendingError} invalid_request or payload_too_large.
 */
export function parseRequest(event: HttpEvent): VendingRequest {
  const body = parseBody(event);
  const inBody = tokenOfBody(body);
  const inHeader = bearerToken(event.headers, inBody !== undefined);
  if (inBody !== undefined && inHeader !== undefined && inBody !== inHeader) throw new VendingError("tokens_differ");
  const accessToken = inBody ?? inHeader;
  if (accessToken === undefined) throw new VendingError("token_missing");
  const said = body.secret_fingerprint;
  const secretFingerprint = typeof said === "string" && SECRET_FINGERPRINT.test(said) ? said : undefined;
  return { accessToken, durationSeconds: durationOf(body), secretFingerprint };
}

function parseBody({ body, isBase64Encoded }: HttpEvent): Readonly<Record<string, unknown>> {
  if (!body) return {};
  // Base64 has four characters for three bytes: what is too large is refused before it is decoded.
  if (body.length > MAX_BODY_BYTES * (isBase64Encoded ? 1.4 : 1)) throw new VendingError("body_too_large");
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) throw new VendingError("body_too_large");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new VendingError("body_not_json");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new VendingError("body_not_json");
  return value as Record<string, unknown>;
}

function tokenOfBody(body: Readonly<Record<string, unknown>>): string | undefined {
  const token = body.access_token;
  if (token === undefined) return undefined;
  if (typeof token !== "string" || token === "") throw new VendingError("token_not_text");
  return token;
}

/**
 * The token of `Authorization: Bearer` (RFC 6750, section 2.1). Another scheme beside a token in the body is not ours:
 * a proxy on the way may have put it there.
 */
function bearerToken(headers: HttpEvent["headers"], tokenInBody: boolean): string | undefined {
  const values = Object.entries(headers ?? {}).filter(
    ([name, value]) => name.toLowerCase() === "authorization" && value !== undefined,
  );
  if (values.length > 1) throw new VendingError("authorization_malformed");
  const value = values[0]?.[1]?.trim();
  if (!value) return undefined;
  if (!/^bearer(\s|$)/i.test(value)) {
    if (tokenInBody) return undefined;
    throw new VendingError("authorization_malformed");
  }
  // The characters of b64token: a comma in it means two headers, which API Gateway joins into one.
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(value)?.[1];
  if (token === undefined) throw new VendingError("authorization_malformed");
  return token;
}

function durationOf(body: Readonly<Record<string, unknown>>): number | undefined {
  const seconds = body.duration_seconds;
  if (seconds === undefined) return undefined;
  const valid =
    typeof seconds === "number" &&
    Number.isInteger(seconds) &&
    seconds >= MIN_SESSION_SECONDS &&
    seconds <= MAX_SESSION_SECONDS;
  if (!valid) throw new VendingError("duration_invalid");
  return seconds;
}
