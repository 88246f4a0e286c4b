import { DataAwsS3Bucket } from "@cdktf/provider-aws/lib/data-aws-s3-bucket";
import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import {
  S3BucketLifecycleConfiguration,
  type S3BucketLifecycleConfigurationRule,
} from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import { bucketArn } from "../access/arn";
import { uploadsBucketName } from "../access/names";
import { policyJson, tlsOnlyPolicy } from "../access/policy";
import type { FoundationConfig } from "../config/schema/types";
import { protection } from "./protection";
import { literal } from "./terraform-text";

export interface UploadsBucketProps {
  readonly config: FoundationConfig;
}

/**
 * The bucket that servers write to. With `create_s3_bucket = false` it is one that exists: then nothing of it is
 * managed here, and encryption, versioning, expiry and a TLS-only policy are up to its owner.
 */
export class UploadsBucket extends Construct {
  readonly name: string;
  /** Put together from its parts, so that the first plan can show it and the policies that it is in. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { config }: UploadsBucketProps) {
    super(scope, id);
    if (!config.createS3Bucket) {
      const existing = new DataAwsS3Bucket(this, "data.aws_s3_bucket.existing", {
        bucket: literal(config.existingBucketName),
      });
      this.name = existing.bucket;
      this.arn = existing.arn;
      return;
    }
    const name = uploadsBucketName(config);
    const bucket = new S3Bucket(this, "aws_s3_bucket.uploads", {
      bucket: name,
      forceDestroy: config.bucketForceDestroy,
      ...protection(config.deletionProtection),
    });
    this.name = bucket.bucket;
    this.arn = bucketArn(name);

    const versioning = new S3BucketVersioningA(this, "aws_s3_bucket_versioning.uploads", {
      bucket: bucket.bucket,
      // Never "Disabled": a bucket that was versioned once cannot go back to it, and the plan would fail.
      versioningConfiguration: { status: config.bucketVersioning ? "Enabled" : "Suspended" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "aws_s3_bucket_server_side_encryption_configuration.uploads", {
      bucket: bucket.bucket,
      rule: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    });
    const publicAccessBlock = new S3BucketPublicAccessBlock(this, "aws_s3_bucket_public_access_block.uploads", {
      bucket: bucket.bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const rule = lifecycleRules(config);
    if (rule.length > 0) {
      new S3BucketLifecycleConfiguration(this, "aws_s3_bucket_lifecycle_configuration.uploads", {
        bucket: bucket.bucket,
        rule,
        dependsOn: [versioning],
      });
    }
    if (config.bucketTlsOnly) {
      new S3BucketPolicy(this, "aws_s3_bucket_policy.uploads", {
        bucket: bucket.bucket,
        policy: policyJson(tlsOnlyPolicy(this.arn)),
        // S3 refuses two changes of a bucket's access at the same time.
        dependsOn: [publicAccessBlock],
      });
    }
  }
}

function lifecycleRules(config: FoundationConfig): S3BucketLifecycleConfigurationRule[] {
  const everyObject = { status: "Enabled", filter: [{ prefix: "" }] };
  const rules: S3BucketLifecycleConfigurationRule[] = [];
  if (config.bucketExpirationDays > 0) {
    rules.push({ id: "expire-objects", ...everyObject, expiration: [{ days: config.bucketExpirationDays }] });
  }
  if (config.abortIncompleteMultipartUploadDays > 0) {
    rules.push({
      id: "abort-incomplete-multipart-uploads",
      ...everyObject,
      abortIncompleteMultipartUpload: [{ daysAfterInitiation: config.abortIncompleteMultipartUploadDays }],
    });
  }
  return rules;
}
