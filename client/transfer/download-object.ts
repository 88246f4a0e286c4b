import type { Readable } from "node:stream";
import { GetObjectCommand, type GetObjectCommandOutput } from "@aws-sdk/client-s3";
import { TransferError } from "../core/errors";
import { printable } from "../core/terminal";
import { JOINABLE, type StoredCheck, storedCheck } from "./checksum";
import { fetchSegment, PartsNotServed, type Segment } from "./download-segment";
import { inParallel } from "./parallel";
import { PARTS_AT_ONCE, type Transfer } from "./transfer";
import { requireEqual } from "./verify";

/** Where the bytes of an object go. */
export interface Sink {
  /** Whether pieces may come in any order. */
  readonly anyOrder: boolean;
  write(bytes: Uint8Array, position: number): Promise<void>;
}

export interface Received {
  readonly size: number;
  readonly etag: string | undefined;
  readonly versionId: string | undefined;
  /** The check that was stored and has been compared; undefined where S3 has none for this object. */
  readonly check: StoredCheck | undefined;
}

/** An object as it is at the beginning: every further request is for this very version. */
export interface RemoteObject extends Received {
  readonly key: string;
}

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

/** @param body the bytes of the answer that told the size: a small object needs no other request. */
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
    throw new TransferError(`S3 did not tell the length of ${printable(key)}`, "no_length");
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
