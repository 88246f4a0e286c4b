import { Crc32c, Crc32Js, Crc64Nvme } from "@aws-sdk/checksums/crc";
import fc from "fast-check";
import {
  CRC32,
  CRC32C,
  CRC64NVME,
  type Crc,
  combineCrc,
  crc32,
  crc32OfParts,
  crcFromBytes,
  crcToBase64,
} from "../../../client/transfer/checksums";

async function digest(kind: Crc, data: Uint8Array): Promise<bigint> {
  if (kind === CRC32) return BigInt(crc32(data));
  const check = kind === CRC32C ? new Crc32c() : new Crc64Nvme();
  check.update(data);
  return crcFromBytes(await check.digest());
}

it.each<[string, Crc, string]>([
  ["CRC32", CRC32, "cbf43926"],
  ["CRC32C", CRC32C, "e3069283"],
  ["CRC64NVME", CRC64NVME, "ae8b14860a799888"],
])("%s of the catalogue's check string is the catalogue's", async (_name, kind, expected) => {
  expect((await digest(kind, Buffer.from("123456789"))).toString(16)).toBe(expected);
});

it.each<[string, Crc]>([
  ["CRC32", CRC32],
  ["CRC32C", CRC32C],
  ["CRC64NVME", CRC64NVME],
])("%s of pieces joins to that of the whole", async (_name, kind) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), async (a, b) => {
      const whole = await digest(kind, Buffer.concat([a, b]));
      expect(combineCrc(kind, await digest(kind, a), await digest(kind, b), b.length)).toBe(whole);
    }),
  );
});

it("the one in script, for Node.js before 20.15, gives what node:zlib gives", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (first, second) => {
      const inScript = new Crc32Js();
      inScript.update(first);
      inScript.update(second);
      expect(inScript.digestSync()).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
});

it("parts of any sizes give the whole", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (parts) => {
      const whole = crcToBase64(CRC32, BigInt(crc32(Buffer.concat(parts))));
      expect(crc32OfParts(parts.map((part) => ({ crc: crc32(part), size: part.length })))).toBe(whole);
    }),
  );
});

it("how the pieces are grouped makes no difference, at lengths far beyond 32 bits", () => {
  const value = fc.bigInt({ min: 0n, max: 2n ** 32n - 1n });
  const length = fc.integer({ min: 0, max: 2 ** 45 });
  fc.assert(
    fc.property(value, value, value, length, length, (a, b, c, lengthB, lengthC) => {
      const left = combineCrc(CRC32, combineCrc(CRC32, a, b, lengthB), c, lengthC);
      expect(left).toBe(combineCrc(CRC32, a, combineCrc(CRC32, b, c, lengthC), lengthB + lengthC));
    }),
  );
});
