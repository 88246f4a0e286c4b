import { LocalError } from "../core/errors";

const MIB = 1024 * 1024;

/** S3's limits: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PARTS = 10_000;
const MAX_PART_BYTES = 5 * 1024 * MIB;

/** Sizes in bytes. Tests take smaller ones, so that every path is walked without gigabytes. */
export interface PartSizes {
  /** A part of an ordinary file; up to this much a file goes in one request. */
  readonly part: number;
  /** A larger part does not fit the memory that all buffers share: it is streamed from the file. */
  readonly largestBuffered: number;
  /** What all buffers together hold at most. */
  readonly buffers: number;
}

export const PART_SIZES: PartSizes = { part: 8 * MIB, largestBuffered: 16 * MIB, buffers: 64 * MIB };

/** Parts of files above 80 GB grow by this step. */
const STEP = MIB;

export interface PartPlan {
  readonly partSize: number;
  readonly parts: number;
  readonly buffered: boolean;
}

/**
 * How a file of `size` bytes is cut: the usual part until there would be more than 10,000, then as large as needed.
 * @throws {LocalError} where S3 could not hold the file.
 */
export function planParts(size: number, sizes: PartSizes = PART_SIZES): PartPlan {
  const least = Math.ceil(size / MAX_PARTS);
  const partSize = least <= sizes.part ? sizes.part : Math.ceil(least / STEP) * STEP;
  if (partSize > MAX_PART_BYTES) {
    throw new LocalError(`${size} bytes are more than S3 holds in one object`, "file_too_large", {
      remedy: "Split the file",
    });
  }
  return { partSize, parts: Math.max(1, Math.ceil(size / partSize)), buffered: partSize <= sizes.largestBuffered };
}

/** Parts of a stream that have each size before the next size, twice as large, begins. */
const PARTS_OF_ONE_SIZE = 2500;

/**
 * The size of a stream's part number `number` (from 1). Its length is not known, so parts grow on the way: 10,000
 * parts then hold 214 GiB, and none is larger than half of what all buffers hold.
 */
export function streamPartSize(number: number, sizes: PartSizes = PART_SIZES): number {
  const doublings = Math.floor((number - 1) / PARTS_OF_ONE_SIZE);
  return Math.min(sizes.part * 2 ** doublings, sizes.buffers / 2);
}
