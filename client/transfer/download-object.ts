import type { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { TransferError } from "../core/errors";
import { printable } from "../core/terminal";
import { combineCrc, crcFromBytes, crcToBase64, JOINABLE, startCheck, storedCheck } from "./checksums";
import {
  fetchSegment,
  PartsNotServed,
  type Piece,
  type Received,
  type RemoteObject,
  type Segment,
  type Sink,
} from "./download-segment";
import { inParallel, PARTS_AT_ONCE } from "./limits";
import type { Transfer } from "./transfer";

/**
 * Downloads an object, in parallel where it is large and the sink allows it, and compares it with the check that S3
 * holds. Bytes may have reached the sink before a damage is found: only success says that they are right.
 */
export async function downloadObject(transfer: Transfer, key: string, sink: Sink): Promise<Received> {
  const command = new GetObjectCommand({ Bucket: transfer.bucket, Key: key });
  askForCheck(command);
  const answer = await transfer.s3.send(command, { abortSignal: transfer.signal });
  const body = answer.Body as Readable | undefined;
  const object = describe(key, answer);
  try {
    await fetch(transfer, object, sink, body);
    return object;
  } catch (error) {
    // Bytes that a pipe has got cannot be taken back.
    if (!(error instanceof PartsNotServed) || !(sink.anyOrder || error.partNumber === 1)) throw error;
    const unchecked = { ...object, check: undefined };
    await fetch(transfer, unchecked, sink);
    return unchecked;
  } finally {
    body?.destroy();
  }
}

/** @param body the bytes of the answer that gave the size: a small object needs no other request. */
async function fetch(transfer: Transfer, object: RemoteObject, sink: Sink, body?: Readable): Promise<void> {
  const segments = cut(transfer, object, sink);
  const only = segments.length === 1 && segments[0]?.partNumber === undefined;
  if (!only) body?.destroy();
  const first = only ? body : undefined;
  const pieces = await inParallel(segments, sink.anyOrder ? PARTS_AT_ONCE : 1, transfer.signal, (segment, signal) =>
    fetchSegment(transfer, object, { segment, sink, first }, signal),
  );
  await requireEqual(object, pieces);
}

/** By the header alone: by its own parameter the SDK would compute the check of the first request's bytes as well. */
function askForCheck({ middlewareStack }: GetObjectCommand): void {
  middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amz-checksum-mode"] = "ENABLED";
      return next(args);
    },
    { step: "build", name: "askForCheck" },
  );
}

function describe(key: string, answer: GetObjectCommandOutput): RemoteObject {
  if (answer.ContentLength === undefined) {
    throw new TransferError(`S3 did not give the length of ${printable(key)}`, "no_length");
  }
  const { ContentLength: size, ETag: etag, VersionId: versionId } = answer;
  return { key, size, etag, versionId, check: storedCheck(answer) };
}

/** An object that was sent in parts with a check each is fetched in the same parts: else it could not be compared. */
function cut(transfer: Transfer, { size, check }: RemoteObject, sink: Sink): Segment[] {
  if (check?.parts !== undefined) {
    return Array.from({ length: check.parts }, (_, index) => ({ partNumber: index + 1 }));
  }
  const joinable = check === undefined || JOINABLE[check.algorithm] !== undefined;
  if (!sink.anyOrder || !joinable || size <= transfer.sizes.part) return [{ start: 0, size }];
  const { part } = transfer.sizes;
  return Array.from({ length: Math.ceil(size / part) }, (_, index) => ({
    start: index * part,
    size: Math.min(part, size - index * part),
  }));
}

/**
 * Compares the pieces of an object, in its order, with the check that S3 holds of it.
 * @throws {TransferError} where they differ.
 */
export async function requireEqual({ key, size, check }: RemoteObject, pieces: readonly Piece[]): Promise<void> {
  const received = pieces.reduce((sum, piece) => sum + piece.size, 0);
  if (received !== size) throw damaged(key, `${received} bytes arrived instead of ${size}`);
  if (check === undefined) return;
  const digests = pieces.map((piece) => piece.digest ?? new Uint8Array());
  const crc = JOINABLE[check.algorithm];
  let value: string;
  if (check.parts !== undefined) {
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html: composite checks
    const ofDigests = startCheck(check.algorithm);
    for (const digest of digests) ofDigests.update(digest);
    value = base64(await ofDigests.digest());
  } else if (crc) {
    const whole = pieces.reduce(
      (sum, { size: length, digest }) => combineCrc(crc, sum, crcFromBytes(digest ?? new Uint8Array()), length),
      0n,
    );
    value = crcToBase64(crc, whole);
  } else {
    value = base64(digests[0] ?? (await startCheck(check.algorithm).digest()));
  }
  if (value !== check.value) throw damaged(key, `its ${check.algorithm} is ${value} instead of ${check.value}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function damaged(key: string, how: string): TransferError {
  return new TransferError(`${printable(key)} arrived damaged: ${how}`, "damaged", {
    remedy: "Download it again; if it happens every time, tell the platform team",
  });
}
