import type { S3Client } from "@aws-sdk/client-s3";
import { type PolicyDocument, policyDocument } from "../access/policy";

/** Refuses every request that does not come by TLS. */
export function tlsOnlyPolicy(bucketArn: string): PolicyDocument {
  return policyDocument({
    Sid: "DenyPlainHttp",
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, `${bucketArn}/*`],
    Condition: { Bool: { "aws:SecureTransport": "false" } },
  });
}

/** Whether a bucket policy, as JSON, refuses everybody's requests without TLS to the bucket and to its objects. */
export function isTlsOnly(policy: string, bucketArn: string): boolean {
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
  const { Statement } = JSON.parse(policy) as { Statement?: unknown };
  return list(Statement).some((each) => {
    const statement = each as Record<string, unknown>;
    const condition = statement.Condition as Record<string, Record<string, unknown>> | undefined;
    const principal = statement.Principal as { AWS?: unknown } | string | undefined;
    const everybody = principal === "*" || (typeof principal === "object" && list(principal.AWS).includes("*"));
    const resources = list(statement.Resource);
    return (
      statement.Effect === "Deny" &&
      everybody &&
      list(statement.Action).some((action) => action === "s3:*" || action === "*") &&
      (resources.includes("*") || (resources.includes(bucketArn) && resources.includes(`${bucketArn}/*`))) &&
      Object.keys(condition ?? {}).length === 1 &&
      Object.keys(condition?.Bool ?? {}).length === 1 &&
      String(list(condition?.Bool?.["aws:SecureTransport"])[0]) === "false"
    );
  });
}

/**
 * Watches how a client reaches S3. By plain HTTP, which only an emulator or a store of one's own speaks, a TLS-only
 * policy would lock out everybody, the one who sets it included.
 * @returns whether the last request went by TLS; true before any.
 */
export function watchTls(s3: S3Client): () => boolean {
  let protocol = "https:";
  s3.middlewareStack.add(
    (next) => (args) => {
      protocol = (args.request as { protocol?: string }).protocol ?? protocol;
      return next(args);
    },
    { step: "finalizeRequest", name: "watchTls", override: true },
  );
  return () => protocol === "https:";
}
