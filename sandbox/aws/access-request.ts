import type { IncomingHttpHeaders } from "node:http";

/** One question to IAM: may the caller do this, to that, under these circumstances? */
export interface AccessRequest {
  /** Like "s3:PutObject". */
  readonly action: string;
  /** The resource's ARN, or "*" for an action on none. */
  readonly resource: string;
  /** Condition keys and their values. */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

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

interface ServiceRequest {
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  readonly target: string | undefined;
  readonly body: string;
}

/**
 * What services other than S3 would ask IAM before they carry out a role session's request. Only the calls that this
 * system's sessions make are known; undefined for any other, which must then be refused.
 */
export function serviceAccessRequests(request: ServiceRequest): AccessRequest[] | undefined {
  if (request.service === "dynamodb") return onTable(request);
  if (request.service === "sts") return onRole(request);
  return undefined;
}

function onTable({ region, accountId, target, body }: ServiceRequest): AccessRequest[] | undefined {
  const action = /^DynamoDB_20120810\.(\w+)$/.exec(target ?? "")?.[1];
  const names = tableNames(body);
  if (action === undefined || names.length === 0) return undefined;
  return names.map((name) => ({
    action: `dynamodb:${action}`,
    resource: `arn:aws:dynamodb:${region}:${accountId}:table/${name}`,
    context: {},
  }));
}

/** The one table of most operations, or those of a batch. */
function tableNames(body: string): string[] {
  try {
    const { TableName, RequestItems } = JSON.parse(body);
    const names: unknown[] = RequestItems === undefined ? [TableName] : [TableName, ...Object.keys(RequestItems)];
    return names.filter((name) => typeof name === "string").map((name) => name.replace(/^.*:table\//, ""));
  } catch {
    return [];
  }
}

function onRole({ body }: ServiceRequest): AccessRequest[] | undefined {
  const form = new URLSearchParams(body);
  const action = form.get("Action");
  // Everyone may ask who they are, whatever their policies say.
  if (action === "GetCallerIdentity") return [];
  const resource = form.get("RoleArn");
  if (action !== "AssumeRole" || resource === null) return undefined;
  const tagged = form.has("Tags.member.1.Key");
  return (tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"]).map((asked) => ({
    action: asked,
    resource,
    context: {},
  }));
}
