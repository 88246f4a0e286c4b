import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import { requireKeys } from "./keys";
import { openTransfer, tellMismatch } from "./open-transfer";
import { Outcome, type Output } from "./outcome";
import { inParallel } from "./parallel";
import { s3Fault } from "./s3-errors";
import { PARTS_AT_ONCE } from "./transfer";

export interface DeleteOptions {
  readonly keys: readonly string[];
  readonly json: boolean;
  readonly signal: AbortSignal;
}

/** The command `delete`. S3 does not tell whether there was an object; in a bucket with versions the old one stays. */
export async function deleteObjects(settings: Settings, options: DeleteOptions, output: Output): Promise<void> {
  const keys = [...new Set(options.keys)];
  const { signal } = options;
  if (settings.prefix !== "") requireKeys(settings.prefix, keys, "existing");
  const transfer = await openTransfer(settings, { scope: "delete", signal, report: output.say });
  tellMismatch(settings, transfer, output.say);
  requireKeys(transfer.prefix, keys, "existing");
  const { s3, bucket, endpoint } = transfer;
  const outcome = new Outcome(output, options.json);
  try {
    await inParallel(keys, PARTS_AT_ONCE, signal, async (key) => {
      try {
        const done = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
        outcome.done(`deleted s3://${bucket}/${printable(key)}`, { bucket, key, version_id: done.VersionId });
      } catch (error) {
        outcome.failed(s3Fault(error, `to delete ${printable(key)}`, endpoint), { bucket, key });
      }
    });
  } finally {
    s3.destroy();
  }
  outcome.end("were not deleted");
}
