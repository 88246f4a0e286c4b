import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

/** Why a request is refused, in the words of S3 and STS. */
type Refusal = "AccessDenied" | "ExpiredToken" | "InvalidToken" | "InvalidAccessKeyId";

export class RefusedError extends Error {
  override readonly name = "RefusedError";
  constructor(
    readonly refusal: Refusal,
    message: string,
  ) {
    super(message);
  }
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** Answers a refused request as the service that it was meant for would. */
export function sendRefusal(response: ServerResponse, service: string, method: string, error: RefusedError): void {
  const requestId = randomUUID();
  if (service === "s3") {
    const status = error.refusal === "ExpiredToken" || error.refusal === "InvalidToken" ? 400 : 403;
    const body = `${XML}<Error><Code>${error.refusal}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
    send(response, status, "application/xml", method === "HEAD" ? "" : body, { "x-amz-request-id": requestId });
  } else if (service === "sts" || service === "iam") {
    const code =
      error.refusal === "AccessDenied" || error.refusal === "ExpiredToken" ? error.refusal : "InvalidClientTokenId";
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`;
    send(response, 403, "text/xml", body, { "x-amzn-requestid": requestId });
  } else {
    const type = {
      AccessDenied: "AccessDeniedException",
      ExpiredToken: "ExpiredTokenException",
      InvalidToken: "UnrecognizedClientException",
      InvalidAccessKeyId: "UnrecognizedClientException",
    }[error.refusal];
    const body = JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message: error.message });
    send(response, 400, "application/x-amz-json-1.0", body, { "x-amzn-requestid": requestId });
  }
}

/** What S3 answers when it is unavailable for a moment: SDKs retry. */
export function sendUnavailable(response: ServerResponse): void {
  const body = `${XML}<Error><Code>ServiceUnavailable</Code><Message>The emulator did not answer. Please try again.</Message></Error>`;
  send(response, 503, "application/xml", body, {});
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string>,
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body), ...headers });
  response.end(body);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

export function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (entity, hex, decimal, name) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return Object.entries(ENTITIES).find(([, escaped]) => escaped === `&${name};`)?.[0] ?? entity;
  });
}
