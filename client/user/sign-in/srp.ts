import {
  createDiffieHellman,
  createHash,
  createHmac,
  type DiffieHellman,
  getDiffieHellman,
  hkdfSync,
  randomBytes,
} from "node:crypto";
import { LocalError } from "../../core/errors";
import type { Secret } from "../../core/secret";

/**
 * The Secure Remote Password protocol (RFC 5054, SRP-6a) as Cognito has it: SHA-256, the group of 3072 bits of RFC 3526,
 * numbers hashed as signed ones are written, and an HKDF at the end. The password never leaves this machine, and whoever
 * does not know it, or a value made of it, can neither give the proof nor learn from it.
 */

/** OpenSSL's own modular exponentiation, in constant time: "private key" is the exponent, "secret" the power. */
const GROUP = "modp15";
const GENERATOR = 2n;

/** Numbers of the client for one sign-in; the private one is never sent. */
export interface SrpExchange {
  /** A, as the user pool takes it. */
  readonly publicValue: string;
  readonly privateValue: bigint;
}

/** What the user pool answers to A with. */
export interface SrpChallenge {
  /** The name by which it knows the user, whatever was typed: it goes into the proof. */
  readonly userId: string;
  /** B, in hexadecimal. */
  readonly publicValue: string;
  /** In hexadecimal. */
  readonly salt: string;
  /** In base64. */
  readonly secretBlock: string;
}

/** Begins an exchange. @param random the private value; 256 bits, as long as the hash, by default. */
export function startSrp(random: Uint8Array = randomBytes(32)): SrpExchange {
  const privateValue = fromHex(Buffer.from(random).toString("hex"));
  return { privateValue, publicValue: power(GENERATOR, privateValue).toString(16) };
}

/**
 * The proof that the password is known: PASSWORD_CLAIM_SIGNATURE, for a moment that has Cognito's form.
 * @param poolName the part of the user pool's id behind the underscore
 * @throws {LocalError} for values that no honest user pool sends, from which the proof could tell something.
 */
export function srpProof(
  { publicValue, privateValue }: SrpExchange,
  challenge: SrpChallenge,
  login: { readonly poolName: string; readonly password: Secret; readonly timestamp: string },
): string {
  const key = sessionKey({ publicValue, privateValue }, challenge, login);
  return createHmac("sha256", key)
    .update(login.poolName)
    .update(challenge.userId)
    .update(Buffer.from(challenge.secretBlock, "base64"))
    .update(login.timestamp)
    .digest("base64");
}

/** The key that both sides come to, of 16 bytes. @throws {LocalError} see {@link srpProof}. */
export function sessionKey(
  { publicValue, privateValue }: SrpExchange,
  { publicValue: theirs, salt, userId }: Omit<SrpChallenge, "secretBlock">,
  { poolName, password }: { readonly poolName: string; readonly password: Secret },
): Buffer {
  const prime = modulus();
  if (![theirs, salt].every((value) => /^[0-9a-f]+$/i.test(value))) throw dishonest("a value is no number");
  const b = fromHex(theirs);
  if (b % prime === 0n) throw dishonest("B is a multiple of N");
  const u = hash(signed(fromHex(publicValue)), signed(b));
  if (u === 0n) throw dishonest("u is zero");
  const inner = createHash("sha256").update(`${poolName}${userId}:${password.reveal()}`).digest();
  const x = hash(signed(fromHex(salt)), inner);
  const k = hash(signed(prime), signed(GENERATOR));
  const base = (((b - k * power(GENERATOR, x)) % prime) + prime) % prime;
  const shared = power(base, privateValue + u * x);
  return Buffer.from(hkdfSync("sha256", signed(shared), signed(u), "Caldera Derived Key", 16));
}

let modulusOnce: bigint | undefined;
function modulus(): bigint {
  modulusOnce ??= fromHex(getDiffieHellman(GROUP).getPrime("hex"));
  return modulusOnce;
}

let diffieHellman: DiffieHellman | undefined;
/** base to the power of exponent, modulo N. */
function power(base: bigint, exponent: bigint): bigint {
  diffieHellman ??= createDiffieHellman(getDiffieHellman(GROUP).getPrime(), Number(GENERATOR));
  diffieHellman.setPrivateKey(bytes(exponent));
  try {
    return fromHex(diffieHellman.computeSecret(bytes(base)).toString("hex"));
  } catch {
    // OpenSSL takes no 0, 1 or N - 1, whose powers are known without the exponent.
    throw dishonest("a power is of 0, 1 or -1");
  }
}

function hash(...parts: readonly Uint8Array[]): bigint {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return fromHex(digest.digest("hex"));
}

function fromHex(text: string): bigint {
  return BigInt(`0x${text}`);
}

function bytes(value: bigint): Buffer {
  const text = value.toString(16);
  return Buffer.from(text.length % 2 === 0 ? text : `0${text}`, "hex");
}

/** As a signed number is written: with a zero in front where it would be negative otherwise. */
function signed(value: bigint): Buffer {
  const plain = bytes(value);
  return (plain[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), plain]) : plain;
}

function dishonest(why: string): LocalError {
  return new LocalError(`the user pool's answer is not one of SRP: ${why}`, "bad_srp", {
    remedy: "Check whether this is the user pool that is meant, and what stands between here and it",
  });
}

/** A moment as Cognito has it in a proof: "Tue Sep 5 00:09:40 UTC 2026". */
export function srpTimestamp(now = new Date()): string {
  const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}
