import type { IncomingHttpHeaders } from "node:http";

/** Who signed a request, and for which service. */
export interface Signer {
  readonly accessKeyId: string;
  readonly service: string;
  readonly sessionToken: string | undefined;
}

/** Reads Signature Version 4 from a request's header or, when it is presigned, from its query. */
export function signerOf(headers: IncomingHttpHeaders, query: URLSearchParams): Signer | undefined {
  const inHeader = /^AWS4-\S+ .*?Credential=([^,\s]+)/.exec(headers.authorization ?? "")?.[1];
  const scope = (inHeader ?? query.get("X-Amz-Credential") ?? "").split("/");
  const [accessKeyId, , , service] = scope;
  if (!accessKeyId || !service) return undefined;
  const token = headers["x-amz-security-token"] ?? query.get("X-Amz-Security-Token");
  return { accessKeyId, service, sessionToken: typeof token === "string" ? token : undefined };
}
