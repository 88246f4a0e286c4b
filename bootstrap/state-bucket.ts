import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
  waitUntilBucketExists,
} from "@aws-sdk/client-s3";
import { bucketArn } from "../access/arn";
import { policyJson, tlsOnlyPolicy } from "../access/policy";
import { ALL_BLOCKED, bucketDeviations, errorName } from "./bucket-settings";
import type { Outcome } from "./state-resources";

export interface StateBucket {
  readonly name: string;
  readonly region: string;
  /** The KMS key for objects; AES256 where there is none. */
  readonly kmsKeyId?: string;
}

/**
 * Makes the bucket where there is none. One that exists is checked and never changed: it may hold the state of other
 * deployments, and its settings are its owner's.
 * @throws {Error} with the remedy, where the name is somebody else's, the region another, or AWS refuses.
 */
export async function ensureStateBucket(s3: S3Client, bucket: StateBucket, dryRun: boolean): Promise<Outcome> {
  const byTls = watchTls(s3);
  const exists = await bucketExists(s3, bucket);
  const traits = [
    "versioned",
    `encrypted (${bucket.kmsKeyId ?? "AES256"})`,
    "private",
    byTls() ? "TLS only" : "not TLS only, since S3 is reached by plain HTTP here",
  ];
  if (exists) return { action: "exists", traits: [], deviations: await bucketDeviations(s3, bucket.name, byTls()) };
  if (dryRun) return { action: "would-make", traits, deviations: [] };
  await make(s3, bucket);
  try {
    await protect(s3, bucket, byTls());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the bucket ${bucket.name} was made, and then a setting was refused (${reason}): run this again, and it says which settings are missing`,
    );
  }
  return { action: "made", traits, deviations: [] };
}

async function bucketExists(s3: S3Client, { name, region }: StateBucket): Promise<boolean> {
  try {
    const { BucketRegion } = await s3.send(new HeadBucketCommand({ Bucket: name }));
    if (BucketRegion !== undefined && BucketRegion !== region) throw wrongRegion(name, region, BucketRegion);
    return true;
  } catch (error) {
    const status = errorStatus(error);
    if (status === 404 || errorName(error) === "NotFound") return false;
    if (status === 403) {
      throw new Error(
        `the bucket ${name} exists and these credentials may not reach it: it is another account's (then choose another name in backend.hcl), or s3:ListBucket is missing`,
      );
    }
    if (status === 301) throw wrongRegion(name, region, "another region");
    throw error;
  }
}

function wrongRegion(name: string, region: string, actual: string): Error {
  return new Error(
    `the bucket ${name} is in ${actual}, and the backend says ${region}: correct region in the backend file`,
  );
}

async function make(s3: S3Client, { name, region }: StateBucket): Promise<void> {
  await s3.send(
    new CreateBucketCommand({
      Bucket: name,
      ObjectOwnership: "BucketOwnerEnforced",
      // S3 takes its first region for no location at all, and refuses it as one.
      ...(region === "us-east-1"
        ? {}
        : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }),
    }),
  );
  await waitUntilBucketExists({ client: s3, maxWaitTime: 60 }, { Bucket: name });
}

/** What keeps others out comes first, so that the bucket is never open. */
async function protect(s3: S3Client, { name, kmsKeyId }: StateBucket, byTls: boolean): Promise<void> {
  const Bucket = name;
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: ALL_BLOCKED }));
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: {
        Rules: [
          kmsKeyId === undefined
            ? { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }
            : {
                ApplyServerSideEncryptionByDefault: { SSEAlgorithm: "aws:kms", KMSMasterKeyID: kmsKeyId },
                BucketKeyEnabled: true,
              },
        ],
      },
    }),
  );
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(
    new PutBucketTaggingCommand({
      Bucket,
      Tagging: { TagSet: [{ Key: "Purpose", Value: "Terraform state" }] },
    }),
  );
  if (!byTls) return;
  const arn = bucketArn(name);
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: policyJson(tlsOnlyPolicy(arn)) }));
}

/**
 * Watches how a client reaches S3. Over plain HTTP, which only emulators and self-hosted stores use, a TLS-only
 * policy would lock out everybody, including whoever sets it.
 * @returns whether the last request went by TLS; true before any.
 */
function watchTls(s3: S3Client): () => boolean {
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

function errorStatus(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}
