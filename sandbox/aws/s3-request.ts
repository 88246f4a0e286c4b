import type { IncomingHttpHeaders } from "node:http";
import type { AccessRequest } from "../../iam/evaluate";

export interface S3Request {
  readonly method: string;
  /** The path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
}

/** The bucket in an S3 host's name: `<bucket>.s3.…` or `<bucket>.localhost`. */
const BUCKET_IN_HOST = /^(.+?)\.(?:s3[.-].*|localhost)(?::\d+)?$/i;

export interface S3Address {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The bucket and key that a request names: both in its path, or the bucket in its host.
 * @throws {URIError} where the path's percent-encoding is malformed.
 */
export function s3Address({ path, headers }: Pick<S3Request, "path" | "headers">): S3Address {
  const decoded = decodeURIComponent(path.replace(/^\//, ""));
  const bucketInHost = BUCKET_IN_HOST.exec(headers.host ?? "")?.[1];
  if (bucketInHost !== undefined) return { bucket: bucketInHost, key: decoded };
  const slash = decoded.indexOf("/");
  return slash < 0 ? { bucket: decoded, key: "" } : { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}

/** Parameters that do not change what is allowed: the signature's, and the SDK's note of the operation. */
const NEUTRAL = /^(?:x-id$|X-Amz-|response-)/;

/**
 * What S3 would ask IAM before it carries out a request; all of it must be allowed. Undefined for an unknown
 * operation, which must then be refused. Deleting many objects at once is left to {@link isDeleteObjects}.
 * The rules: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
export function accessRequestsOf(request: S3Request): AccessRequest[] | undefined {
  const { bucket, key } = s3Address(request);
  const parameters = [...request.query.keys()].filter((name) => !NEUTRAL.test(name));
  // A repeated name could mean one thing here and another to the emulator.
  if (new Set(parameters).size !== parameters.length) return undefined;
  if (bucket === "") return request.method === "GET" && parameters.length === 0 ? [ask("ListAllMyBuckets")] : undefined;
  const asked = key === "" ? onBucket(request, bucket, parameters) : onObject(request, { bucket, key }, parameters);
  return asked?.length === 0 ? undefined : asked;
}

/** Whether the request deletes the objects that its body names. */
export function isDeleteObjects(request: S3Request): boolean {
  const parameters = [...request.query.keys()].filter((name) => !NEUTRAL.test(name));
  return (
    request.method === "POST" &&
    s3Address(request).key === "" &&
    parameters.join() === "delete" &&
    !/aws-chunked/i.test(request.headers["content-encoding"] ?? "")
  );
}

const LISTING: Readonly<Record<string, readonly [action: string, parameters: readonly string[]]>> = {
  uploads: ["ListBucketMultipartUploads", ["key-marker", "upload-id-marker", "max-uploads"]],
  versions: ["ListBucketVersions", ["key-marker", "version-id-marker", "max-keys"]],
  "": ["ListBucket", ["list-type", "marker", "max-keys", "continuation-token", "start-after", "fetch-owner"]],
};
const BUCKET_QUESTIONS: Readonly<Record<string, string>> = {
  location: "GetBucketLocation",
  versioning: "GetBucketVersioning",
};

function onBucket({ method, query }: S3Request, bucket: string, parameters: readonly string[]) {
  const resource = bucketArn(bucket);
  if (method === "HEAD") return parameters.length === 0 ? [ask("ListBucket", resource)] : undefined;
  if (method !== "GET") return undefined;
  const [only] = parameters;
  if (parameters.length === 1 && only !== undefined && Object.hasOwn(BUCKET_QUESTIONS, only)) {
    return [ask(BUCKET_QUESTIONS[only] as string, resource)];
  }
  const kind = ["uploads", "versions"].find((name) => query.has(name)) ?? "";
  const [action, own] = LISTING[kind] as NonNullable<(typeof LISTING)[string]>;
  const known = new Set([kind, "prefix", "delimiter", "encoding-type", ...own]);
  if (!parameters.every((name) => known.has(name))) return undefined;
  const context: Record<string, string> = {};
  for (const name of ["prefix", "delimiter", "max-keys"]) {
    const value = query.get(name);
    if (value !== null) context[`s3:${name}`] = value;
  }
  return [ask(action, resource, context)];
}

function onObject(request: S3Request, { bucket, key }: S3Address, parameters: readonly string[]) {
  const { method, query, headers } = request;
  const resource = `${bucketArn(bucket)}/${key}`;
  const only = (...names: string[]) => parameters.every((name) => names.includes(name));
  const version = query.has("versionId") ? "Version" : "";
  switch (method) {
    case "GET":
    case "HEAD":
      if (query.has("uploadId") && method === "GET") {
        return only("uploadId", "max-parts", "part-number-marker")
          ? [ask("ListMultipartUploadParts", resource)]
          : undefined;
      }
      if (query.has("tagging") && method === "GET") {
        return only("tagging", "versionId") ? [ask(`GetObject${version}Tagging`, resource)] : undefined;
      }
      if (query.has("attributes") && method === "GET") {
        return only("attributes", "versionId")
          ? [ask(`GetObject${version}`, resource), ask(`GetObject${version}Attributes`, resource)]
          : undefined;
      }
      return only("versionId", "partNumber") ? [ask(`GetObject${version}`, resource)] : undefined;
    case "PUT":
      if (query.has("tagging")) {
        return only("tagging", "versionId") ? [ask(`PutObject${version}Tagging`, resource)] : undefined;
      }
      if (query.has("partNumber") !== query.has("uploadId") || !only("partNumber", "uploadId")) return undefined;
      return [...writing(resource, headers), ...copying(headers)];
    case "POST":
      if (only("uploads") && query.has("uploads")) return writing(resource, headers);
      return only("uploadId") && query.has("uploadId") ? [ask("PutObject", resource)] : undefined;
    case "DELETE":
      if (query.has("uploadId")) return only("uploadId") ? [ask("AbortMultipartUpload", resource)] : undefined;
      if (query.has("tagging")) {
        return only("tagging", "versionId") ? [ask(`DeleteObject${version}Tagging`, resource)] : undefined;
      }
      return only("versionId") ? [ask(`DeleteObject${version}`, resource)] : undefined;
    default:
      return undefined;
  }
}

/** Headers that make an upload do more than write the object need the permission for that as well. */
function writing(resource: string, headers: IncomingHttpHeaders): AccessRequest[] {
  // S3 takes an empty `x-amz-acl`, which older programs send for "none", as if it were not there.
  const names = Object.keys(headers).filter((name) => name !== "x-amz-acl" || headers[name] !== "");
  return [
    ask("PutObject", resource),
    ...(names.includes("x-amz-tagging") ? [ask("PutObjectTagging", resource)] : []),
    ...(names.some((name) => name === "x-amz-acl" || name.startsWith("x-amz-grant-"))
      ? [ask("PutObjectAcl", resource)]
      : []),
    ...(names.some((name) => /^x-amz-object-lock-(?:mode|retain-until-date)$/.test(name))
      ? [ask("PutObjectRetention", resource)]
      : []),
    ...(names.includes("x-amz-object-lock-legal-hold") ? [ask("PutObjectLegalHold", resource)] : []),
  ];
}

/** The source of a copy, `/<bucket>/<key>?versionId=…` percent-encoded, is read by the caller as well. */
function copying(headers: IncomingHttpHeaders): AccessRequest[] {
  const source = headers["x-amz-copy-source"];
  if (typeof source !== "string") return [];
  const [path = "", query] = source.split("?", 2);
  const { bucket, key } = s3Address({ path, headers: {} });
  const version = query?.includes("versionId") ? "Version" : "";
  return [ask(`GetObject${version}`, `${bucketArn(bucket)}/${key}`)];
}

/** What deleting one of many objects asks IAM. */
export function deletionOf(bucket: string, { key, versionId }: { key: string; versionId?: string }): AccessRequest {
  return ask(versionId === undefined ? "DeleteObject" : "DeleteObjectVersion", `${bucketArn(bucket)}/${key}`);
}

function bucketArn(bucket: string): string {
  return `arn:aws:s3:::${bucket}`;
}

function ask(action: string, resource = "*", context: Record<string, string> = {}): AccessRequest {
  return { action: `s3:${action}`, resource, context };
}
