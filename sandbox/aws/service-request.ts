import type { AccessRequest } from "../../iam/evaluate";
import { type PartitionKeyOf, tableAccessRequests } from "./table-request";

interface ServiceRequest {
  readonly service: string;
  readonly region: string;
  readonly accountId: string;
  readonly method?: string;
  /** Without the query. */
  readonly path?: string;
  readonly target: string | undefined;
  readonly body: string;
}

/**
 * What services other than S3 would ask IAM before they carry out a role session's request. Only the calls that this
 * system's sessions make are known; undefined for any other, which must then be refused.
 */
export async function serviceAccessRequests(
  request: ServiceRequest,
  partitionKeyOf: PartitionKeyOf,
): Promise<AccessRequest[] | undefined> {
  const operation = /^DynamoDB_20120810\.(\w+)$/.exec(request.target ?? "")?.[1];
  if (request.service === "dynamodb" && operation !== undefined) {
    return tableAccessRequests({ ...request, operation }, partitionKeyOf);
  }
  if (request.service === "sts") return onRole(request);
  if (request.service === "lambda") return onFunction(request);
  return undefined;
}

function onFunction({ region, accountId, method, path = "" }: ServiceRequest): AccessRequest[] | undefined {
  const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (method !== "POST" || name === undefined) return undefined;
  const decoded = decodeURIComponent(name);
  const resource = decoded.startsWith("arn:") ? decoded : `arn:aws:lambda:${region}:${accountId}:function:${decoded}`;
  return [{ action: "lambda:InvokeFunction", resource, context: {} }];
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
