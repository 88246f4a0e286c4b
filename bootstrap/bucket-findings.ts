import {
  GetBucketEncryptionCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { policyJson } from "../access/policy";
import { bucketArn } from "../constructs/arn";
import { errorName, type Finding } from "./outcome";
import { ALL_BLOCKED, type StateBucket } from "./state-bucket";
import { isTlsOnly, tlsOnlyPolicy } from "./tls-only";

/** What of a bucket that exists is not as it should be for a state, with a command that puts it right. */
export async function bucketFindings(s3: S3Client, bucket: StateBucket, byTls: boolean): Promise<Finding[]> {
  const Bucket = bucket.name;
  const arn = bucketArn(Bucket);
  const command = (operation: string, argument: string) => `aws s3api ${operation} --bucket ${Bucket} ${argument}`;
  const checks: (() => Promise<Finding | undefined>)[] = [
    async () => {
      const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket }));
      return finding(Status === "Enabled", {
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
      return finding((rules?.length ?? 0) > 0, {
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
      return finding(
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
      return finding(policy !== undefined && isTlsOnly(policy, arn), {
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

function finding(right: boolean, otherwise: Finding): Finding | undefined {
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

function unreadable(error: unknown): Finding {
  if (errorName(error) !== "AccessDenied") throw error;
  return {
    text: "has a setting that these credentials may not read",
    remedy: "use credentials that may read the bucket's versioning, encryption, public access block and policy",
  };
}
