import type { S3Client } from "@aws-sdk/client-s3";
import type { PartBuffers } from "./part-buffers";
import type { PartSizes } from "./part-plan";

/** What every transfer of a command shares. */
export interface Transfer {
  readonly s3: S3Client;
  readonly bucket: string;
  readonly sizes: PartSizes;
  readonly buffers: PartBuffers;
  /** Ends all of it: Ctrl-C, SIGTERM. */
  readonly signal: AbortSignal;
  /** Told of bytes that have arrived; negative where a part begins anew. */
  readonly onBytes: (bytes: number) => void;
}

/** Parts of one object that are under way at once; memory allows no more of the usual size either. */
export const PARTS_AT_ONCE = 8;

export interface Sent {
  readonly size: number;
  /** CRC-32 of the whole object in base64, as S3 shows it and has checked it. */
  readonly crc32: string;
  readonly etag?: string | undefined;
  readonly versionId?: string | undefined;
}
