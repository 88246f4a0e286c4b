import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { LocalError, TransferError, UsageError } from "../core/errors";
import { fileFault, makeFolder } from "../core/files";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { type DownloadOptions, intoFile } from "./download";
import { downloadObject } from "./download-object";
import { requireKeys } from "./keys";
import { inParallel, PARTS_AT_ONCE } from "./limits";
import { keyOf } from "./list-delete";
import { formatBytes, Outcome, type Output, Progress } from "./report";
import { s3Fault } from "./s3-errors";
import { type OpenTransfer, openTransfer } from "./transfer";

/**
 * The command `download --recursive`: all objects below a key, into files of the same names below a folder. What is
 * wrong with single objects is reported while the others go on, and thrown as a count at the end.
 */
export async function downloadFolder(settings: Settings, options: DownloadOptions, output: Output): Promise<void> {
  const { signal, destination = "." } = options;
  // Without the slash, a would also be ab/.
  const folder = options.key.endsWith("/") ? options.key : `${options.key}/`;
  if (settings.prefix !== "") requireKeys(settings.prefix, [folder], "existing");
  await requireFolder(destination);
  let progress: Progress | undefined;
  const above = (print: () => void): void => (progress ? progress.interrupt(print) : print());
  const shown: Output = {
    print: (line) => above(() => output.print(line)),
    say: (message) => above(() => output.say(message)),
  };
  const transfer = await openTransfer(settings, {
    scope: ["read", "list"],
    signal,
    report: shown.say,
    onBytes: (bytes) => progress?.addBytes(bytes),
    ...(options.sizes ? { sizes: options.sizes } : {}),
  });
  requireKeys(transfer.prefix, [folder], "existing");
  progress = new Progress(options.terminal);
  const outcome = new Outcome(shown, options.json);
  let found = 0;
  try {
    await inParallel(keysBelow(transfer, folder), PARTS_AT_ONCE, signal, async (key) => {
      found++;
      await fetchInto(transfer, { key, folder, destination }, outcome);
      progress?.addFile();
    });
  } finally {
    progress.end();
    transfer.s3.destroy();
  }
  if (found === 0) throw new TransferError(`S3 has nothing below ${printable(folder)}`, "no_such_key");
  outcome.end("were not downloaded");
}

async function requireFolder(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw fileFault(error, path);
  });
  if (path !== "-" && (found === undefined || found.isDirectory())) return;
  throw new UsageError(`${printable(path)} is no folder, and --recursive needs one`, { remedy: "Name a folder: DEST" });
}

/** Keys that end with a slash are what some programs put in a folder's place, and hold nothing. */
async function* keysBelow({ s3, bucket, endpoint, signal }: OpenTransfer, folder: string): AsyncGenerator<string> {
  try {
    const input = { Bucket: bucket, Prefix: folder, EncodingType: "url" as const };
    for await (const page of paginateListObjectsV2({ client: s3 }, input, { abortSignal: signal }))
      yield* (page.Contents ?? []).map(keyOf).filter((key) => !key.endsWith("/"));
  } catch (error) {
    throw s3Fault(signal.aborted ? signal.reason : error, `to list ${printable(folder)}`, endpoint);
  }
}

interface Place {
  readonly key: string;
  /** What its key starts with. */
  readonly folder: string;
  readonly destination: string;
}

async function fetchInto(transfer: OpenTransfer, place: Place, outcome: Outcome): Promise<void> {
  const { bucket, signal, endpoint } = transfer;
  const { key } = place;
  try {
    const file = fileOf(place);
    makeParent(file);
    const { size, etag, versionId, check } = await intoFile(file, (sink) => downloadObject(transfer, key, sink));
    const unchecked = check ? "" : ", not compared: S3 holds no check of it";
    outcome.done(
      `downloaded s3://${bucket}/${printable(key)} to ${printable(file)} (${formatBytes(size)}${unchecked})`,
      { bucket, key, file, size, etag, version_id: versionId, checked: check?.algorithm ?? null },
    );
  } catch (error) {
    const fault = s3Fault(signal.aborted ? signal.reason : error, `to fetch ${printable(key)}`, endpoint);
    outcome.failed(fault, { bucket, key });
  }
}

/** Where an object goes. A key may hold anything; a file must come to lie below the folder and nowhere else. */
function fileOf({ key, folder, destination }: Place): string {
  const segments = key.slice(folder.length).split("/");
  if (segments.some((segment) => ["", ".", ".."].includes(segment)) || key.includes("\0")) {
    throw new LocalError(`the key ${printable(key)} cannot be a file below a folder`, "no_file_name", {
      remedy: "Download it alone, and name the file: DEST",
    });
  }
  return join(destination, ...segments);
}

function makeParent(file: string): void {
  try {
    makeFolder(dirname(file), 0o777);
  } catch (error) {
    throw fileFault(error, dirname(file));
  }
}
