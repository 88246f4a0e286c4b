import { createHmac, randomBytes } from "node:crypto";

const STEP_MS = 30_000;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A new secret as authenticator apps take it: 256 bits in base32. */
export function createTotpSecret(): string {
  let bits = "";
  for (const byte of randomBytes(35)) bits += byte.toString(2).padStart(8, "0");
  return (bits.slice(0, 260).match(/.{5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five, 2)]).join("");
}

/** The code of one moment: RFC 6238 with SHA-1, six digits and steps of thirty seconds. */
export function totpCode(secret: string, timeMs: number): string {
  return codeOfStep(secret, Math.floor(timeMs / STEP_MS));
}

/**
 * The step that a code belongs to: the current one, the one before or the one after, for clocks differ.
 * @returns undefined for a wrong code, or one of a step that is not after `lastStep`: a code works once.
 */
export function matchingStep(secret: string, code: string, timeMs: number, lastStep = -1): number | undefined {
  const now = Math.floor(timeMs / STEP_MS);
  return [now - 1, now, now + 1].find((step) => step > lastStep && codeOfStep(secret, step) === code);
}

function codeOfStep(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", fromBase32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0xf;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
