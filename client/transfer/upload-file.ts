import { type FileHandle, open } from "node:fs/promises";
import { Readable } from "node:stream";
import { Crc32 } from "@aws-sdk/checksums/crc";
import { PutObjectCommand, UploadPartCommand } from "@aws-sdk/client-s3";
import { TransferError } from "../core/errors";
import { fileFault, readExactly, readRange } from "../core/files";
import { CRC32, crc32, crcToBase64 } from "./checksums";
import { inParallel, PARTS_AT_ONCE, planParts } from "./limits";
import { inParts, type OpenUpload, type SentPart, sendPart } from "./multipart-upload";
import { ATTEMPTS, isTransient, pauseAfter } from "./s3-errors";
import type { Sent, Transfer } from "./transfer";

/** Uploads a regular file, in parts and in parallel where it is large. */
export async function uploadFile(transfer: Transfer, path: string, key: string): Promise<Sent> {
  const file = await open(path, "r").catch((error) => {
    throw fileFault(error, path);
  });
  try {
    const { size } = await file.stat();
    const plan = planParts(size, transfer.sizes);
    if (plan.parts === 1 && plan.buffered) return await sendWhole(transfer, { file, path, size }, key);
    const ranges = Array.from({ length: plan.parts }, (_, index) => ({
      number: index + 1,
      start: index * plan.partSize,
      size: Math.min(plan.partSize, size - index * plan.partSize),
    }));
    const send = plan.buffered ? sendBuffered : sendStreamed;
    return await inParts(transfer, key, (upload) =>
      inParallel(ranges, PARTS_AT_ONCE, transfer.signal, (range, signal) =>
        send(transfer, upload, { file, path, ...range }, signal),
      ),
    );
  } finally {
    await file.close();
  }
}

interface Source {
  readonly file: FileHandle;
  readonly path: string;
  readonly size: number;
}

interface PartOfFile extends Source {
  readonly number: number;
  readonly start: number;
}

async function sendWhole(transfer: Transfer, { file, path, size }: Source, key: string): Promise<Sent> {
  const buffer = await transfer.buffers.take(size);
  try {
    await readExactly(file, buffer.bytes, 0, path);
    return await sendObject(transfer, key, buffer.bytes);
  } finally {
    buffer.release();
  }
}

/** Stores an object in one request. */
export async function sendObject(transfer: Transfer, key: string, bytes: Buffer): Promise<Sent> {
  const checksum = crcToBase64(CRC32, BigInt(crc32(bytes)));
  const { ETag: etag, VersionId: versionId } = await transfer.s3.send(
    new PutObjectCommand({
      Bucket: transfer.bucket,
      Key: key,
      Body: bytes,
      ContentLength: bytes.length,
      ChecksumCRC32: checksum,
    }),
    { abortSignal: transfer.signal },
  );
  transfer.onBytes(bytes.length);
  return { size: bytes.length, crc32: checksum, etag, versionId };
}

async function sendBuffered(
  transfer: Transfer,
  upload: OpenUpload,
  part: PartOfFile,
  signal: AbortSignal,
): Promise<SentPart> {
  const buffer = await transfer.buffers.take(part.size);
  try {
    signal.throwIfAborted();
    await readExactly(part.file, buffer.bytes, part.start, part.path);
    const crc = crc32(buffer.bytes);
    return await sendPart(transfer, upload, { number: part.number, crc, bytes: buffer.bytes }, signal);
  } finally {
    buffer.release();
  }
}

/** A part too large for memory: read as it is sent, and read again where it must be sent again. */
async function sendStreamed(
  transfer: Transfer,
  upload: OpenUpload,
  part: PartOfFile,
  signal: AbortSignal,
): Promise<SentPart> {
  for (let attempt = 1; ; attempt++) {
    let counted = 0;
    const check = new Crc32();
    async function* body(): AsyncGenerator<Buffer> {
      for await (const piece of readRange(part.file, part, part.path)) {
        check.update(piece);
        counted += piece.length;
        transfer.onBytes(piece.length);
        yield piece;
      }
    }
    try {
      const { ETag: etag, ChecksumCRC32: stored } = await transfer.s3.send(
        new UploadPartCommand({
          Bucket: transfer.bucket,
          Key: upload.key,
          UploadId: upload.uploadId,
          PartNumber: part.number,
          Body: Readable.from(body()),
          ContentLength: part.size,
          ChecksumAlgorithm: "CRC32",
        }),
        { abortSignal: signal },
      );
      const crc = check.digestSync();
      if (stored !== undefined && stored !== crcToBase64(CRC32, BigInt(crc))) {
        throw new TransferError(`part ${part.number} of ${part.path} arrived damaged`, "damaged");
      }
      return { number: part.number, crc, size: part.size, etag: etag ?? "" };
    } catch (error) {
      transfer.onBytes(-counted);
      if (attempt === ATTEMPTS || signal.aborted || !isTransient(error)) throw error;
      await pauseAfter(attempt, signal);
    }
  }
}
