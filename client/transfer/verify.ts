import { TransferError } from "../core/errors";
import { printable } from "../core/terminal";
import { JOINABLE, startCheck } from "./checksum";
import { combineCrc, crcFromBytes, crcToBase64 } from "./crc";
import type { RemoteObject } from "./download-object";
import type { Piece } from "./download-segment";

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
    remedy: "Download it again; if that is so every time, tell the platform team",
  });
}
