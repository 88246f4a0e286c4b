import { createHash } from "node:crypto";
import { Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";
import { CRC32, CRC32C, CRC64NVME, type Crc, crc32, crcToBase64 } from "./crc";

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
      return new RunningCrc32();
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

class RunningCrc32 implements RunningCheck {
  #value = 0;

  update(data: Uint8Array): void {
    this.#value = crc32(data, this.#value);
  }

  async digest(): Promise<Uint8Array> {
    return Buffer.from(crcToBase64(CRC32, BigInt(this.#value)), "base64");
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
