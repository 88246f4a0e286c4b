import type { Readable } from "node:stream";
import { TransferError } from "../core/errors";
import { crc32 } from "./checksums";
import { inParallel, MAX_PARTS, PARTS_AT_ONCE, type PartBuffer, streamPartSize } from "./limits";
import { inParts, type OpenUpload, type SentPart, sendPart } from "./multipart-upload";
import type { Sent, Transfer } from "./transfer";
import { sendObject } from "./upload-file";

interface Piece {
  readonly number: number;
  readonly buffer: PartBuffer;
  readonly length: number;
}

/** Uploads what a pipe or the standard input gives; its length need not be known. */
export async function uploadStream(transfer: Transfer, source: Readable, key: string): Promise<Sent> {
  const stop = (): void => void source.destroy(transfer.signal.reason);
  transfer.signal.addEventListener("abort", stop, { once: true });
  const pieces = cut(transfer, source);
  let first: IteratorResult<Piece, void> | undefined;
  try {
    first = await pieces.next();
    if (first.done) return await sendObject(transfer, key, Buffer.alloc(0));
    const { buffer, length } = first.value;
    if (length < buffer.bytes.length) return await sendObject(transfer, key, buffer.bytes.subarray(0, length));
    const all = startingWith(first.value, pieces);
    return await inParts(transfer, key, (upload) => sendAll(transfer, upload, all, source));
  } finally {
    transfer.signal.removeEventListener("abort", stop);
    source.destroy();
    await pieces.return().catch(() => {});
    if (first?.done === false) first.value.buffer.release();
  }
}

async function* startingWith(first: Piece, rest: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  yield first;
  yield* rest;
}

function sendAll(
  transfer: Transfer,
  upload: OpenUpload,
  pieces: AsyncIterable<Piece>,
  source: Readable,
): Promise<SentPart[]> {
  return inParallel(pieces, PARTS_AT_ONCE, transfer.signal, async ({ number, buffer, length }, signal) => {
    try {
      const bytes = buffer.bytes.subarray(0, length);
      return await sendPart(transfer, upload, { number, crc: crc32(bytes), bytes }, signal);
    } catch (error) {
      // The next piece of a quiet stream may be hours away: nobody waits for it any more.
      source.destroy();
      throw error;
    } finally {
      buffer.release();
    }
  });
}

/** Cuts the stream into parts; only the last is shorter than its buffer. Who takes a piece releases its buffer. */
async function* cut(transfer: Transfer, source: Readable): AsyncGenerator<Piece, void, undefined> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let chunk: Buffer = Buffer.alloc(0);
  for (let number = 1; ; number++) {
    if (number > MAX_PARTS) throw tooLong(transfer);
    const buffer = await transfer.buffers.take(streamPartSize(number, transfer.sizes));
    let length = 0;
    try {
      while (length < buffer.bytes.length) {
        if (chunk.length === 0) {
          const next = await chunks.next();
          if (next.done) break;
          chunk = next.value;
        }
        const copied = chunk.copy(buffer.bytes, length);
        length += copied;
        chunk = chunk.subarray(copied);
      }
    } catch (error) {
      buffer.release();
      throw error;
    }
    if (length === 0) {
      buffer.release();
      return;
    }
    const last = length < buffer.bytes.length;
    yield { number, buffer, length };
    if (last) return;
  }
}

function tooLong(transfer: Transfer): TransferError {
  const gibibytes = Array.from({ length: MAX_PARTS }, (_, index) => streamPartSize(index + 1, transfer.sizes))
    .reduce((sum, size) => sum + size / 2 ** 30, 0)
    .toFixed(0);
  return new TransferError(`the stream is longer than ${gibibytes} GiB`, "stream_too_long", {
    remedy: "Write it to a file and upload that: a file's length is known, so its parts can be larger",
  });
}
