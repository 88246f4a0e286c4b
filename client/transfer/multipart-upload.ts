import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { TransferError } from "../core/errors";
import { CRC32, crc32OfParts, crcToBase64 } from "./checksums";
import { errorName } from "./s3-errors";
import type { Sent, Transfer } from "./transfer";

export interface SentPart {
  readonly number: number;
  readonly size: number;
  readonly crc: number;
  readonly etag: string;
}

/** Milliseconds that cleaning up may take in all, when the network may be why it is needed. */
const ABORT_TIMEOUT = 15_000;

export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
}

/**
 * Sends an object in parts: `send` sends them and must not settle while one is under way. Whatever ends it other
 * than success, the parts that have arrived are removed again.
 */
export async function inParts(
  transfer: Transfer,
  key: string,
  send: (upload: OpenUpload) => Promise<readonly SentPart[]>,
): Promise<Sent> {
  const { s3, bucket, signal } = transfer;
  // Without the signal: an upload that was begun and whose id is never learnt could not be ended.
  const { UploadId: uploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      ChecksumAlgorithm: "CRC32",
      ChecksumType: "FULL_OBJECT",
    }),
  );
  if (!uploadId) throw new TransferError("S3 began an upload without an id", "no_upload_id");
  try {
    signal.throwIfAborted();
    return await complete(transfer, { key, uploadId }, await send({ key, uploadId }));
  } catch (error) {
    await removeParts(transfer, { key, uploadId }, error);
    throw error;
  }
}

async function complete(transfer: Transfer, upload: OpenUpload, parts: readonly SentPart[]): Promise<Sent> {
  const crc32 = crc32OfParts(parts);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  const done = await transfer.s3.send(
    new CompleteMultipartUploadCommand({
      Bucket: transfer.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      // S3 compares both with what has arrived, and refuses the object where they differ.
      ChecksumType: "FULL_OBJECT",
      ChecksumCRC32: crc32,
      MpuObjectSize: size,
      MultipartUpload: {
        Parts: parts.map((part) => ({
          PartNumber: part.number,
          ETag: part.etag,
          ChecksumCRC32: crcToBase64(CRC32, BigInt(part.crc)),
        })),
      },
    }),
    { abortSignal: transfer.signal },
  );
  return { size, crc32, etag: done.ETag, versionId: done.VersionId };
}

/** A part whose check S3 compares on arrival; the SDK sends it again where that or the network fails. */
export async function sendPart(
  transfer: Transfer,
  upload: OpenUpload,
  part: { readonly number: number; readonly crc: number; readonly bytes: Buffer },
  signal: AbortSignal,
): Promise<SentPart> {
  const { ETag: etag } = await transfer.s3.send(
    new UploadPartCommand({
      Bucket: transfer.bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumber: part.number,
      Body: part.bytes,
      ContentLength: part.bytes.length,
      ChecksumCRC32: crcToBase64(CRC32, BigInt(part.crc)),
    }),
    { abortSignal: signal },
  );
  transfer.onBytes(part.bytes.length);
  return { number: part.number, crc: part.crc, size: part.bytes.length, etag: etag ?? "" };
}

async function removeParts({ s3, bucket }: Transfer, upload: OpenUpload, reason: unknown): Promise<void> {
  try {
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: upload.key, UploadId: upload.uploadId }), {
      abortSignal: AbortSignal.timeout(ABORT_TIMEOUT),
    });
  } catch (error) {
    if (errorName(error) === "NoSuchUpload") return;
    throw new TransferError(`the upload of ${upload.key} failed, and so did removing its parts`, "parts_left", {
      cause: reason,
      remedy: `The bucket's lifecycle rule removes them; their upload id is ${upload.uploadId}`,
    });
  }
}
