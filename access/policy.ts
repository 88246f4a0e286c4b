import { objectActionsOf, type Scope } from "./permission-level";

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

/** STS refuses a longer session policy: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export const MAX_SESSION_POLICY_CHARACTERS = 2048;

export function policyDocument(...statements: readonly PolicyStatement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

/** The object actions that the scopes allow, under the prefix; `bucketArn` may be a Terraform token. */
export function objectStatement(bucketArn: string, prefix: string, scopes: Iterable<Scope>): PolicyStatement {
  return { Effect: "Allow", Action: objectActionsOf(scopes), Resource: `${bucketArn}/${prefix}*` };
}

/** Listing the bucket, where the request names the prefix or a folder below it; `bucketArn` may be a Terraform token. */
export function listStatement(bucketArn: string, prefix: string): PolicyStatement {
  return {
    Effect: "Allow",
    Action: "s3:ListBucket",
    Resource: bucketArn,
    Condition: { StringLike: { "s3:prefix": `${prefix}*` } },
  };
}

/** From any other network, nothing. A request that comes through a VPC endpoint has no such address, and is denied too. */
function networkStatement(cidrs: readonly string[]): PolicyStatement {
  return { Effect: "Deny", Action: "*", Resource: "*", Condition: { NotIpAddress: { "aws:SourceIp": cidrs } } };
}

/**
 * What one set of vended credentials may do at most: these scopes, under this prefix of this bucket.
 * @param cidrs the networks that it may be done from; any by default.
 */
export function sessionPolicy(
  bucketArn: string,
  prefix: string,
  scopes: readonly Scope[],
  cidrs: readonly string[] = [],
): PolicyDocument {
  const statements: PolicyStatement[] = [];
  if (objectActionsOf(scopes).length > 0) statements.push(objectStatement(bucketArn, prefix, scopes));
  if (scopes.includes("list")) statements.push(listStatement(bucketArn, prefix));
  if (cidrs.length > 0) statements.push(networkStatement(cidrs));
  return policyDocument(...statements);
}

/** Of a bucket: denies everybody whatever does not come by TLS; `bucketArn` may be a Terraform token. */
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

/**
 * A policy as JSON for IAM and STS. They accept the characters from U+0020 to U+00FF only, so others are escaped as
 * JSON allows: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function policyJson(policy: PolicyDocument): string {
  return JSON.stringify(policy).replace(
    /[^\u0020-\u007e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
