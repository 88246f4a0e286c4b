import type { Readable } from "node:stream";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { TransferError } from "../core/errors";
import { printable } from "../core/terminal";
import { type StoredCheck, startCheck } from "./checksums";
import { ATTEMPTS, errorName, isTransient, pauseAfter } from "./s3-errors";
import type { Transfer } from "./transfer";

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

/** A range of the object, or one of the parts it was sent in, whose range only S3 knows. */
export type Segment =
  | { readonly start: number; readonly size: number; readonly partNumber?: undefined }
  | { readonly partNumber: number };

/** The check of a piece that has arrived; undefined where the object has none. */
export interface Piece {
  readonly size: number;
  readonly digest: Uint8Array | undefined;
}

/** The store does not give objects by the parts that they were sent in: not S3 itself, but one that is like it. */
export class PartsNotServed extends Error {
  constructor(readonly partNumber: number) {
    super(`no part ${partNumber} by itself`);
  }
}

/** Fetches a segment into the sink; after a connection broke, it resumes at the byte it had reached. */
export async function fetchSegment(
  transfer: Transfer,
  object: RemoteObject,
  { segment, sink, first }: { readonly segment: Segment; readonly sink: Sink; readonly first?: Readable | undefined },
  signal: AbortSignal,
): Promise<Piece> {
  const check = object.check && startCheck(object.check.algorithm);
  let range = segment.partNumber === undefined ? { start: segment.start, size: segment.size } : undefined;
  let received = 0;
  let body = first;
  let failures = 0;
  while (range === undefined || received < range.size) {
    const before = received;
    let failure: unknown;
    try {
      if (body === undefined) {
        const opened = await open(transfer, object, range ? rangeFrom(range, received) : segment, signal);
        range ??= opened.range;
        body = opened.body;
      }
      for await (const chunk of body as AsyncIterable<Buffer>) {
        signal.throwIfAborted();
        check?.update(chunk);
        await sink.write(chunk, (range?.start ?? 0) + received);
        received += chunk.length;
        transfer.onBytes(chunk.length);
      }
    } catch (error) {
      if (signal.aborted || !isTransient(error)) throw replaced(error, object.key);
      failure = error;
    } finally {
      body?.destroy();
      body = undefined;
    }
    if (range !== undefined && received > range.size) throw strange(object.key);
    // Only attempts without a single byte count.
    failures = received > before ? 0 : failures + 1;
    if (failures === ATTEMPTS) throw failure ?? strange(object.key);
    if (failure !== undefined) await pauseAfter(failures, signal);
  }
  return { size: received, digest: await check?.digest() };
}

function rangeFrom(range: { start: number; size: number }, received: number): Segment {
  return { start: range.start + received, size: range.size - received };
}

async function open(
  transfer: Transfer,
  { key, etag }: RemoteObject,
  segment: Segment,
  signal: AbortSignal,
): Promise<{ body: Readable; range: { start: number; size: number } }> {
  const answer = await transfer.s3.send(
    new GetObjectCommand({
      Bucket: transfer.bucket,
      Key: key,
      // Not the version's id: fetching by that needs a permission that servers do not have.
      IfMatch: etag,
      ...(segment.partNumber === undefined
        ? { Range: `bytes=${segment.start}-${segment.start + segment.size - 1}` }
        : { PartNumber: segment.partNumber }),
    }),
    { abortSignal: signal },
  );
  const [, start, end] = /^bytes (\d+)-(\d+)\//.exec(answer.ContentRange ?? "") ?? [];
  const body = answer.Body as Readable | undefined;
  if (body === undefined || start === undefined || end === undefined) {
    body?.destroy();
    throw segment.partNumber === undefined ? strange(key) : new PartsNotServed(segment.partNumber);
  }
  return { body, range: { start: Number(start), size: Number(end) - Number(start) + 1 } };
}

function strange(key: string): TransferError {
  return new TransferError(`S3 answered for another range of ${printable(key)} than was asked for`, "wrong_range", {
    remedy: "Check AWS_ENDPOINT_URL and the proxy: something on the way does not pass ranges on as they are",
  });
}

function replaced(error: unknown, key: string): unknown {
  if (errorName(error) !== "PreconditionFailed") return error;
  return new TransferError(`${printable(key)} was replaced while it was downloaded`, "replaced", {
    remedy: "Download it again",
  });
}
