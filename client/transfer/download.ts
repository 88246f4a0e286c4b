import type { Writable } from "node:stream";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { downloadObject, type Received } from "./download-object";
import { chooseTarget, intoFile, intoStream } from "./download-target";
import { requireKeys } from "./keys";
import { openTransfer, tellMismatch } from "./open-transfer";
import type { Output } from "./outcome";
import type { PartSizes } from "./part-plan";
import { Progress, type Terminal } from "./progress";
import { s3Fault } from "./s3-errors";
import { formatBytes } from "./sizes";

export interface DownloadOptions {
  readonly key: string;
  readonly destination?: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly stdout: Writable;
  readonly sizes?: PartSizes;
}

/** The command `download`. */
export async function download(settings: Settings, options: DownloadOptions, output: Output): Promise<void> {
  const { key, signal } = options;
  if (settings.prefix !== "") requireKeys(settings.prefix, [key], "existing");
  const target = await chooseTarget(key, options.destination);
  let progress: Progress | undefined;
  const transfer = await openTransfer(settings, {
    scope: "read",
    signal,
    report: output.say,
    onBytes: (bytes) => progress?.addBytes(bytes),
    ...(options.sizes ? { sizes: options.sizes } : {}),
  });
  tellMismatch(settings, transfer, output.say);
  requireKeys(transfer.prefix, [key], "existing");
  progress = new Progress(options.terminal);
  let received: Received;
  try {
    const fill = (sink: Parameters<typeof downloadObject>[2]) => downloadObject(transfer, key, sink);
    received =
      target.kind === "file" ? await intoFile(target.path, fill) : await intoStream(target.path, fill, options.stdout);
  } catch (error) {
    throw s3Fault(signal.aborted ? signal.reason : error, `to fetch ${printable(key)}`, transfer.endpoint);
  } finally {
    progress.end();
    transfer.s3.destroy();
  }
  // The standard output is the object's own then.
  if (target.path === "-") return;
  const { size, etag, versionId, check } = received;
  const { bucket } = transfer;
  if (options.json) {
    const checked = check?.algorithm ?? null;
    output.print(JSON.stringify({ bucket, key, file: target.path, size, etag, version_id: versionId, checked }));
  } else {
    const unchecked = check ? "" : ", not compared: S3 holds no check of it";
    output.print(
      `downloaded s3://${bucket}/${printable(key)} to ${printable(target.path)} (${formatBytes(size)}${unchecked})`,
    );
  }
}
