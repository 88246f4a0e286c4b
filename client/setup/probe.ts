import { randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Scope } from "../../access/permission-level";
import { errorName, s3Fault } from "../transfer/s3-errors";

export interface Probe {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly endpoint: string;
  readonly scopes: readonly Scope[];
  readonly signal: AbortSignal;
}

/**
 * Asks S3 what can be asked without leaving anything: a list where the level allows it, else an object that is not
 * there. S3 refuses the latter to whoever may not list, but only after it has found bucket and credentials good.
 * @returns what was learnt.
 */
export async function probeReading({ s3, bucket, prefix, endpoint, scopes, signal }: Probe): Promise<string> {
  if (scopes.includes("list")) {
    try {
      await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 }), { abortSignal: signal });
    } catch (error) {
      throw s3Fault(error, `to list ${prefix}`, endpoint);
    }
    return "lists it";
  }
  try {
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key: probeKey(prefix) }), { abortSignal: signal });
  } catch (error) {
    if (!["AccessDenied", "NoSuchKey"].includes(errorName(error))) throw s3Fault(error, `to read ${prefix}`, endpoint);
  }
  return "S3 knows the bucket and accepts the credentials";
}

/** Begins an upload and ends it again: it needs the permission to write, and never becomes an object. */
export async function probeWriting({ s3, bucket, prefix, endpoint, signal }: Probe): Promise<string> {
  const object = { Bucket: bucket, Key: probeKey(prefix) };
  try {
    // Without the signal: what was begun must be ended.
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    await s3.send(new AbortMultipartUploadCommand({ ...object, UploadId }));
  } catch (error) {
    throw s3Fault(signal.aborted ? signal.reason : error, `to write to ${prefix}`, endpoint);
  }
  return "may write (begun and taken back: nothing is left)";
}

function probeKey(prefix: string): string {
  return `${prefix}.oidc-s3-doctor-${randomBytes(8).toString("hex")}`;
}
