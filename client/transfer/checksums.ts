import { createHash } from "node:crypto";
import { Crc32, Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";

/** A reflected cyclic redundancy check that S3 knows: its polynomial and its width in bits. */
export interface Crc {
  readonly polynomial: bigint;
  readonly bits: 32 | 64;
}

export const CRC32: Crc = { polynomial: 0xedb88320n, bits: 32 };
export const CRC32C: Crc = { polynomial: 0x82f63b78n, bits: 32 };
export const CRC64NVME: Crc = { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64 };

/** CRC-32 of `data`: by node:zlib, or by the SDK in script where Node.js lacks it (before 20.15). */
export function crc32(data: Uint8Array): number {
  const check = new Crc32();
  check.update(data);
  return check.digestSync();
}

/**
 * The check of two pieces of data one after the other, from the check of each and the second one's length in bytes:
 * parts that were sent or fetched in any order still give the check of the whole object.
 */
export function combineCrc(crc: Crc, first: bigint, second: bigint, secondLength: number): bigint {
  return multiply(crc, xToThe(crc, BigInt(secondLength) * 8n), first) ^ second;
}

/** The product of two polynomials modulo the check's own; the highest bit is the coefficient of 1. */
function multiply({ polynomial, bits }: Crc, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = bits - 1; bit >= 0; bit--) {
    if ((a >> BigInt(bit)) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

function xToThe(crc: Crc, exponent: bigint): bigint {
  let power = 1n << BigInt(crc.bits - 1);
  let square = power >> 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(crc, power, square);
    square = multiply(crc, square, square);
  }
  return power;
}

/** As S3 writes it: the bytes, highest first, in base64. */
export function crcToBase64({ bits }: Crc, value: bigint): string {
  return Buffer.from(value.toString(16).padStart(bits / 4, "0"), "hex").toString("base64");
}

export function crcFromBytes(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** The CRC-32 of a whole object from those of its parts, which may come in any order. */
export function crc32OfParts(parts: readonly { readonly crc: number; readonly size: number }[]): string {
  const whole = parts.reduce((sum, part) => combineCrc(CRC32, sum, BigInt(part.crc), part.size), 0n);
  return crcToBase64(CRC32, whole);
}

/** The checks that S3 may have stored with an object, the cheapest first: one is enough. */
export const ALGORITHMS = ["CRC32", "CRC64NVME", "CRC32C", "SHA1", "SHA256"] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** The checks of which those of pieces can be joined to that of the whole. */
export const JOINABLE: Readonly<Partial<Record<Algorithm, Crc>>> = { CRC32, CRC32C, CRC64NVME };

export interface RunningCheck {
  update(data: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

export function startCheck(algorithm: Algorithm): RunningCheck {
  switch (algorithm) {
    case "CRC32":
      return new Crc32();
    case "CRC32C":
      return new Crc32c();
    case "CRC64NVME":
      return new Crc64Nvme();
    default: {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (data) => void hash.update(data), digest: async () => hash.digest() };
    }
  }
}

/** A check that S3 stored with an object. */
export interface StoredCheck {
  readonly algorithm: Algorithm;
  /** In base64. */
  readonly value: string;
  /** Of objects sent in parts: the number of parts whose checks were checked in turn; undefined is a plain one. */
  readonly parts: number | undefined;
}

/** The check in the answer to a GetObject, if there is one that can be computed here. */
export function storedCheck(
  answer: Readonly<Partial<Record<`Checksum${Algorithm}`, string | undefined>>>,
): StoredCheck | undefined {
  for (const algorithm of ALGORITHMS) {
    const match = /^([A-Za-z0-9+/]+=*)(?:-(\d+))?$/.exec(answer[`Checksum${algorithm}`] ?? "");
    if (match?.[1]) return { algorithm, value: match[1], parts: match[2] === undefined ? undefined : Number(match[2]) };
  }
  return undefined;
}
