import { dirname } from "node:path";
import { ClientError, LocalError } from "../core/errors";
import { printable } from "../core/terminal";
import { CONNECTIONS, inParallel } from "../transfer/limits";
import { formatBytes, type Outcome } from "../transfer/report";
import type { OpenTransfer, Sent } from "../transfer/transfer";
import { uploadFault } from "../transfer/upload";
import { uploadFile } from "../transfer/upload-file";
import { type FoundEntry, walkFolder } from "../transfer/upload-plan";
import { changeOf, isSame, recordOf, type Signature, signatureOf } from "./change";
import type { SyncState } from "./state";

/** One walk over the folder. */
export interface Pass {
  readonly folder: string;
  /** What all keys start with, with its "/". */
  readonly key: string;
  readonly prefix: string;
  readonly bucket: string;
  readonly state: SyncState;
  /** What the keys of this program's own files would start with, where they are in the folder. */
  readonly own: readonly string[];
  /** Opened by the first file that is sent. */
  readonly transfer: () => Promise<OpenTransfer>;
  readonly outcome: Outcome;
  readonly say: (message: string) => void;
  readonly signal: AbortSignal;
  readonly followSymlinks: boolean;
  /** Says what would be sent, and sends nothing. */
  readonly dryRun: boolean;
  /** Sends everything, whatever the state says. */
  readonly all: boolean;
  /** Whether a file has rested for long enough; by default each may be sent. */
  readonly rests?: ((key: string, signature: Signature) => boolean) | undefined;
  readonly onFile: () => void;
}

export interface PassResult {
  uploaded: number;
  bytes: number;
  unchanged: number;
  skipped: number;
  /** Files that did not rest yet. */
  waiting: number;
  /** Of all files that are there. */
  readonly keys: Set<string>;
  /** Of all folders that have files. */
  readonly folders: Set<string>;
}

/** Sends of a file that changes again and again while it is sent. */
const SENDS = 3;

/** Uploads what is new or has changed. What is gone from the folder stays in the bucket. */
export async function runPass(pass: Pass): Promise<PassResult> {
  const result: PassResult = {
    uploaded: 0,
    bytes: 0,
    unchanged: 0,
    skipped: 0,
    waiting: 0,
    keys: new Set(),
    folders: new Set(),
  };
  const entries = walkFolder(pass.folder, pass.key, pass);
  await inParallel(entries, CONNECTIONS, pass.signal, (entry) => syncEntry(pass, entry, result));
  return result;
}

async function syncEntry(pass: Pass, entry: FoundEntry, result: PassResult): Promise<void> {
  const { outcome, say, signal } = pass;
  if (entry.kind === "fault") return outcome.failed(entry.error, { file: entry.path });
  if (entry.kind === "skipped") {
    result.skipped++;
    return say(`left out: ${printable(entry.path)}: ${entry.reason}`);
  }
  const { path, key } = entry;
  if (pass.own.some((start) => key.startsWith(start))) {
    result.skipped++;
    return say(`left out: ${printable(path)}: it is this program's own`);
  }
  result.keys.add(key);
  result.folders.add(dirname(path));
  try {
    await syncFile(pass, entry, result);
  } catch (error) {
    if (signal.aborted && !(error instanceof ClientError)) throw signal.reason;
    const fault = error instanceof ClientError ? error : uploadFault(error, await pass.transfer(), entry);
    // It was deleted while its turn came: that is nothing to tell.
    if (fault.code === "file_enoent" && (await signatureOf(path)) === undefined) return;
    // What is uploaded next would not be remembered either.
    if (fault.code === "state_unwritable") throw fault;
    outcome.failed(fault, { file: path, bucket: pass.bucket, key });
  }
}

async function syncFile(
  pass: Pass,
  { path, key }: { readonly path: string; readonly key: string },
  result: PassResult,
): Promise<void> {
  const { state, all, dryRun, bucket, outcome } = pass;
  let lookedAt = Date.now();
  let signature = await signatureOf(path);
  for (let sends = 0; signature !== undefined; sends++) {
    const recorded = all && sends === 0 ? undefined : state.get(key);
    const change = sends > 0 ? "changed" : await changeOf(path, signature, recorded).catch(changing);
    if (change === "unchanged" || change === "touched") {
      result.unchanged++;
      if (change === "touched" && recorded && !dryRun) state.record(key, recordOf(signature, recorded.crc32, lookedAt));
      return;
    }
    if (pass.rests?.(key, signature) === false) {
      result.waiting++;
      return;
    }
    if (sends === SENDS) {
      throw new LocalError(
        `${printable(path)} changed each of the ${SENDS} times that it was uploaded`,
        "file_changed",
        {
          remedy: "What is stored may be a mixture of old and new; the next run uploads it again",
        },
      );
    }
    const file = { file: path, bucket, key };
    const place = `${printable(path)} to s3://${bucket}/${printable(key)}`;
    if (dryRun) {
      result.uploaded++;
      result.bytes += signature.size;
      return outcome.done(`would upload ${place} (${change}, ${formatBytes(signature.size)})`, {
        ...file,
        size: signature.size,
        change,
      });
    }
    const sent = await uploadFile(await pass.transfer(), path, key).catch(changing);
    const now = Date.now();
    const after = await signatureOf(path);
    if (sent !== "changed" && (after === undefined || (isSame(signature, after) && sent.size === after.size))) {
      state.record(key, recordOf(signature, sent.crc32, lookedAt));
      result.uploaded++;
      result.bytes += sent.size;
      pass.onFile();
      return tellSent(outcome, place, { ...file, change }, sent);
    }
    [signature, lookedAt] = [after, now];
  }
}

/** A file that became shorter while it was read has changed. */
function changing(error: unknown): "changed" {
  if (error instanceof LocalError && error.code === "file_changed") return "changed";
  throw error;
}

function tellSent(outcome: Outcome, place: string, fields: Readonly<Record<string, unknown>>, sent: Sent): void {
  const { size, crc32, etag, versionId } = sent;
  outcome.done(`uploaded ${place} (${fields.change}, ${formatBytes(size)})`, {
    ...fields,
    size,
    crc32,
    etag,
    version_id: versionId,
  });
}
