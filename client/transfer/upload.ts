import { createReadStream } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { ClientError } from "../core/errors";
import { fileFault } from "../core/files";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { CONNECTIONS, inParallel, type PartSizes } from "./limits";
import { formatBytes, Outcome, type Output, Progress, type Terminal } from "./report";
import { s3Fault } from "./s3-errors";
import { type OpenTransfer, openTransfer, type Sent } from "./transfer";
import { uploadFile } from "./upload-file";
import { type FoundEntry, planUpload, type UploadRequest, type UploadRoot, walkFolder } from "./upload-plan";
import { uploadStream } from "./upload-stream";

export interface UploadOptions extends UploadRequest {
  readonly followSymlinks: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly stdin: NodeJS.ReadableStream;
  /** Only tests have others. */
  readonly sizes?: PartSizes;
}

/**
 * The command `upload`. What is wrong with the command itself is thrown before anything is sent; what is wrong with
 * single files is reported while the others go on, and thrown as a count at the end.
 */
export async function upload(settings: Settings, options: UploadOptions, output: Output): Promise<void> {
  keepHeapSmall();
  let roots = settings.prefix === "" ? undefined : await planUpload(settings.prefix, options);
  let progress: Progress | undefined;
  const say = (message: string): void => above(progress, () => output.say(message));
  const transfer = await openTransfer(settings, {
    scope: "write",
    signal: options.signal,
    report: say,
    onBytes: (bytes) => progress?.addBytes(bytes),
    ...(options.sizes ? { sizes: options.sizes } : {}),
  });
  if (roots === undefined || transfer.prefix !== settings.prefix) roots = await planUpload(transfer.prefix, options);

  progress = new Progress(options.terminal, totalBytes(roots));
  const outcome = new Outcome({ say, print: (line) => above(progress, () => output.print(line)) }, options.json);
  try {
    await inParallel(entries(roots, transfer, options), CONNECTIONS, options.signal, async (entry) => {
      await uploadEntry(transfer, entry, outcome, { say, stdin: options.stdin });
      progress?.addFile();
    });
  } finally {
    progress.end();
    transfer.s3.destroy();
  }
  outcome.end("were not uploaded");
}

/**
 * Tens of thousands of requests leave much that is dead at once, for which V8 would let the memory of the young double
 * and double again; collecting it a little more often costs nothing that can be measured (bench/transfer.ts).
 */
export function keepHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}

type Entry = FoundEntry | { readonly kind: "stream"; readonly path: string; readonly key: string };

async function* entries(
  roots: readonly UploadRoot[],
  { prefix }: OpenTransfer,
  { followSymlinks }: UploadOptions,
): AsyncGenerator<Entry> {
  for (const { kind, path, key } of roots) {
    if (kind === "folder") yield* walkFolder(path, key, { prefix, followSymlinks });
    else yield { kind, path, key };
  }
}

async function uploadEntry(
  transfer: OpenTransfer,
  entry: Entry,
  outcome: Outcome,
  { say, stdin }: { readonly say: (message: string) => void; readonly stdin: NodeJS.ReadableStream },
): Promise<void> {
  const { path } = entry;
  if (entry.kind === "fault") return outcome.failed(entry.error, { file: path });
  if (entry.kind === "skipped") return say(`left out: ${printable(path)}: ${entry.reason}`);
  const { key } = entry;
  try {
    const sent = await send(transfer, entry, stdin);
    const { bucket } = transfer;
    const { size, crc32, etag, versionId } = sent;
    outcome.done(`uploaded ${printable(path)} to s3://${bucket}/${printable(key)} (${formatBytes(size)})`, {
      file: path,
      bucket,
      key,
      size,
      crc32,
      etag,
      version_id: versionId,
    });
  } catch (error) {
    if (transfer.signal.aborted && !(error instanceof ClientError)) throw transfer.signal.reason;
    outcome.failed(uploadFault(error, transfer, entry), { file: path, bucket: transfer.bucket, key });
  }
}

async function send(
  transfer: OpenTransfer,
  { kind, path, key }: Exclude<Entry, { kind: "fault" | "skipped" }>,
  stdin: NodeJS.ReadableStream,
): Promise<Sent> {
  if (kind === "file") return uploadFile(transfer, path, key);
  return uploadStream(transfer, path === "-" ? (stdin as typeof process.stdin) : createReadStream(path), key);
}

/** What kept a file from being uploaded: the file itself, or S3. */
export function uploadFault(
  error: unknown,
  transfer: OpenTransfer,
  { path, key }: { path: string; key: string },
): ClientError {
  const { syscall, path: of } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && (of !== undefined || syscall === "read")) return fileFault(error, path);
  return s3Fault(error, `to store ${printable(key)}`, transfer.endpoint);
}

function totalBytes(roots: readonly UploadRoot[]): number | undefined {
  const sizes = roots.map(({ size }) => size);
  return sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
}

/** Prints above the progress line, where there is one. */
export function above(progress: Progress | undefined, print: () => void): void {
  if (progress) progress.interrupt(print);
  else print();
}
