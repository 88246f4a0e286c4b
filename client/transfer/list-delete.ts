import { type _Object, DeleteObjectCommand, paginateListObjectsV2 } from "@aws-sdk/client-s3";
import { UsageError } from "../core/errors";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { requireKeys } from "./keys";
import { inParallel, PARTS_AT_ONCE } from "./limits";
import { Outcome, type Output } from "./report";
import { s3Fault } from "./s3-errors";
import { openTransfer } from "./transfer";

export interface ListOptions {
  /** What the keys start with; the server's prefix by default. */
  readonly prefix?: string | undefined;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** The command `list`: a line for each object, page by page. */
export async function list(settings: Settings, options: ListOptions, output: Output): Promise<void> {
  const { prefix, signal } = options;
  if (settings.prefix !== "" && prefix !== undefined) requireKeys(settings.prefix, [prefix], "existing");
  const transfer = await openTransfer(settings, { scope: "list", signal, report: output.say });
  const wanted = prefix ?? transfer.prefix;
  requireKeys(transfer.prefix, [wanted], "existing");
  try {
    const input = { Bucket: transfer.bucket, Prefix: wanted, EncodingType: "url" as const };
    for await (const page of paginateListObjectsV2({ client: transfer.s3 }, input, { abortSignal: signal })) {
      for (const object of page.Contents ?? []) output.print(options.json ? asJson(object) : asLine(object));
    }
  } catch (error) {
    throw s3Fault(error, `to list ${printable(wanted)}`, transfer.endpoint);
  } finally {
    transfer.s3.destroy();
  }
}

/** XML cannot carry every character that a key can: keys come as in a URL. */
export function keyOf({ Key: encoded = "" }: _Object): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return encoded;
  }
}

function asJson(object: _Object): string {
  const { Size: size, ETag: etag, LastModified: modified } = object;
  return JSON.stringify({ key: keyOf(object), size, last_modified: modified?.toISOString(), etag });
}

function asLine(object: _Object): string {
  const modified = object.LastModified?.toISOString().replace(/\.\d+Z$/, "Z") ?? "";
  return `${modified}  ${String(object.Size ?? 0).padStart(15)}  ${printable(keyOf(object))}`;
}

export interface DeleteOptions {
  readonly keys: readonly string[];
  /** From `--literal`: keys with wildcards or a slash at the end are meant as they are. */
  readonly literal?: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** The command `delete`. S3 does not say whether there was an object; a bucket with versions keeps the old one. */
export async function deleteObjects(settings: Settings, options: DeleteOptions, output: Output): Promise<void> {
  const keys = [...new Set(options.keys)];
  const { signal } = options;
  if (!options.literal) requireSingleObjects(keys);
  if (settings.prefix !== "") requireKeys(settings.prefix, keys, "existing");
  const transfer = await openTransfer(settings, { scope: "delete", signal, report: output.say });
  requireKeys(transfer.prefix, keys, "existing");
  const { s3, bucket, endpoint } = transfer;
  const outcome = new Outcome(output, options.json);
  try {
    await inParallel(keys, PARTS_AT_ONCE, signal, async (key) => {
      try {
        const done = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        outcome.done(`deleted s3://${bucket}/${printable(key)}, if it was there`, {
          bucket,
          key,
          version_id: done.VersionId,
        });
      } catch (error) {
        outcome.failed(s3Fault(error, `to delete ${printable(key)}`, endpoint), { bucket, key });
      }
    });
  } finally {
    s3.destroy();
  }
  outcome.end("were not deleted");
}

/**
 * S3 takes a key as it is and calls it deleted, whether it was there or not: who means several objects would learn of
 * nothing.
 */
function requireSingleObjects(keys: readonly string[]): void {
  const faults = keys.flatMap((key) => {
    if (/[*?]/.test(key))
      return `${printable(key)} has a wildcard, and S3 knows none: it would delete one object of that very name`;
    if (key.endsWith("/")) return `${printable(key)} names a folder, and S3 knows none: what is below it would stay`;
    return [];
  });
  if (faults.length === 0) return;
  throw new UsageError(faults.join("\n"), {
    remedy: 'Name each key ("oidc-s3 list" shows them), or give --literal where an object really has that name',
  });
}
