import type { IncomingMessage, ServerResponse } from "node:http";

/** The emulator has no such call, and a pool that is deleted takes its resource servers with it. */
const DELETE_RESOURCE_SERVER = "AWSCognitoIdentityProviderService.DeleteResourceServer";

/**
 * Answers in the emulator's place what Terraform needs and the emulator lacks: without this answer the provider asks
 * again and again for most of an hour, and nothing can be destroyed.
 * @returns whether the request was answered.
 */
export function fillGap(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.headers["x-amz-target"] !== DELETE_RESOURCE_SERVER) return false;
  request.resume();
  response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
  response.end("{}");
  return true;
}
