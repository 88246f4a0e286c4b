import type { ClientRole } from "../access/client-role";
import type { VendedCredentials } from "./assume-role";
import type { VendingError } from "./errors";

/** An answer in API Gateway's payload format 2.0. */
export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the credentials are for. */
export interface Destination {
  readonly bucket: string;
  readonly region: string;
}

const HEADERS = { "Content-Type": "application/json", "Cache-Control": "no-store" };

/** The 200 of docs/interfaces.md, which existing clients read exactly. */
export function success(credentials: VendedCredentials, role: ClientRole, { bucket, region }: Destination): HttpResult {
  const body = {
    credentials: {
      access_key_id: credentials.accessKeyId,
      secret_access_key: credentials.secretAccessKey,
      session_token: credentials.sessionToken,
      // Without milliseconds: older Pythons' datetime.fromisoformat and many shells' date stumble over them.
      expiration: credentials.expiration.toISOString().replace(/\.\d+Z$/, "Z"),
    },
    s3_bucket: bucket,
    s3_path_prefix: role.s3PathPrefix,
    aws_region: region,
  };
  return { statusCode: 200, headers: HEADERS, body: JSON.stringify(body) };
}

/** An error of docs/interfaces.md. */
export function failure(error: VendingError, requestId: string): HttpResult {
  const challenge = challengeOf(error);
  return {
    statusCode: error.status,
    headers: {
      ...HEADERS,
      ...(challenge && { "WWW-Authenticate": challenge }),
      ...(error.retryAfterSeconds !== undefined && { "Retry-After": String(error.retryAfterSeconds) }),
    },
    body: JSON.stringify({ error: error.code, error_description: error.description, request_id: requestId }),
  };
}

/**
 * RFC 6750, section 3. A request without a token gets the bare challenge: naming an error there would tell a client
 * that it has sent something wrong, where it has sent nothing.
 */
function challengeOf({ reason, code, description }: VendingError): string | undefined {
  if (reason === "token_missing") return "Bearer";
  if (code !== "invalid_token" && code !== "insufficient_scope") return undefined;
  return `Bearer error="${code}", error_description="${description.replaceAll('"', "'")}"`;
}
