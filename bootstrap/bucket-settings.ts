import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { bucketArn } from "../access/arn";
import { policyJson, tlsOnlyPolicy } from "../access/policy";
import type { Deviation } from "./state-resources";

export const ALL_BLOCKED = {
  BlockPublicAcls: true,
  BlockPublicPolicy: true,
  IgnorePublicAcls: true,
  RestrictPublicBuckets: true,
} as const;

/** What an existing bucket lacks as a home for states, each with the command that corrects it. */
export async function bucketDeviations(s3: S3Client, Bucket: string, byTls: boolean): Promise<Deviation[]> {
  const arn = bucketArn(Bucket);
  const command = (operation: string, argument: string) => `aws s3api ${operation} --bucket ${Bucket} ${argument}`;
  const checks: (() => Promise<Deviation | undefined>)[] = [
    async () => {
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      return unless(Status === "Enabled", {
        text: "is not versioned: a state that is overwritten or deleted is gone",
        remedy: command("put-bucket-versioning", "--versioning-configuration Status=Enabled"),
      });
    },
    async () => {
      const rules = await orNothing("ServerSideEncryptionConfigurationNotFoundError", async () => {
        const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
        return ServerSideEncryptionConfiguration?.Rules;
      });
      const rule = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}';
      return unless((rules?.length ?? 0) > 0, {
        text: "does not encrypt: the state holds every client secret in clear",
        remedy: command("put-bucket-encryption", `--server-side-encryption-configuration '${rule}'`),
      });
    },
    async () => {
      const block = await orNothing("NoSuchPublicAccessBlockConfiguration", async () => {
        const answer = await s3.send(new GetPublicAccessBlockCommand({ Bucket }));
        return answer.PublicAccessBlockConfiguration;
      });
      const names = Object.keys(ALL_BLOCKED) as (keyof typeof ALL_BLOCKED)[];
      const all = names.map((name) => `${name}=true`).join(",");
      return unless(
        names.every((name) => block?.[name] === true),
        {
          text: "does not block all public access",
          remedy: command("put-public-access-block", `--public-access-block-configuration ${all}`),
        },
      );
    },
    async () => {
      if (!byTls) return undefined;
      const policy = await orNothing("NoSuchBucketPolicy", async () => {
        return (await s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy;
      });
      const statement = policyJson(tlsOnlyPolicy(arn));
      return unless(policy !== undefined && isTlsOnly(policy, arn), {
        text: "takes requests without TLS",
        remedy:
          policy === undefined
            ? command("put-bucket-policy", `--policy '${statement}'`)
            : `add the statement of ${statement} to its policy`,
      });
    },
  ];
  const found = await Promise.all(checks.map((check) => check().catch(unreadable)));
  return found.filter((each) => each !== undefined);
}

function unless(right: boolean, otherwise: Deviation): Deviation | undefined {
  return right ? undefined : otherwise;
}

/** S3 answers with an error where nothing is set. */
async function orNothing<T>(name: string, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (errorName(error) === name) return undefined;
    throw error;
  }
}

function unreadable(error: unknown): Deviation {
  if (errorName(error) !== "AccessDenied") throw error;
  return {
    text: "has a setting that these credentials may not read",
    remedy: "use credentials that may read the bucket's versioning, encryption, public access block and policy",
  };
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

/** The name of an AWS SDK error, which says what went wrong better than its class does. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
