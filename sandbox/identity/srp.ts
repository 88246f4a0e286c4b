import { createDiffieHellman, createHash, createHmac, getDiffieHellman, hkdfSync, randomBytes } from "node:crypto";

/** Where the protocol counts: the prime N and the generator g. */
export interface SrpGroup {
  readonly N: bigint;
  readonly g: bigint;
}

/** Cognito's: the 3072-bit group of RFC 5054, whose prime is that of RFC 3526's group 15. */
export const COGNITO_GROUP: SrpGroup = { N: fromBytes(getDiffieHellman("modp15").getPrime()), g: 2n };

/** `base ** exponent % modulus`, by OpenSSL: for these sizes it is ten times as fast as arithmetic on bigints. */
export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const dh = createDiffieHellman(unsigned(modulus), Buffer.from([2]));
  dh.setPrivateKey(unsigned(exponent));
  return fromBytes(dh.computeSecret(unsigned(base)));
}

/** x, the private key that a password makes: H(salt | H(pool name, user name, ":", password)). */
export function privateKey(salt: Buffer, identity: string, password: string): bigint {
  const inner = createHash("sha256").update(`${identity}:${password}`).digest();
  return hash(signed(fromBytes(salt)), inner);
}

/** v, what a server keeps in the place of a password. */
export function verifierOf(x: bigint, { N, g }: SrpGroup = COGNITO_GROUP): bigint {
  return modPow(g, x, N);
}

export interface ServerKeys {
  /** The private value b. */
  readonly secret: bigint;
  /** B, which the client is sent. */
  readonly shared: bigint;
}

/** A fresh b, and B = k·v + g^b. */
export function serverKeys(v: bigint, secret = fromBytes(randomBytes(128)), group = COGNITO_GROUP): ServerKeys {
  const { N, g } = group;
  const k = hash(signed(N), signed(g));
  return { secret, shared: (k * v + modPow(g, secret, N)) % N };
}

/**
 * The key that both sides derive, from S = (A·v^u)^b.
 * @returns undefined where no honest client sends such an A: then S would not depend on the password.
 */
export function sharedKey(A: bigint, v: bigint, { secret, shared }: ServerKeys): Buffer | undefined {
  const { N } = COGNITO_GROUP;
  if (A % N === 0n) return undefined;
  const u = hash(signed(A), signed(shared));
  if (u === 0n) return undefined;
  const base = (A * modPow(v, u, N)) % N;
  if (base <= 1n || base === N - 1n) return undefined;
  const S = modPow(base, secret, N);
  return Buffer.from(hkdfSync("sha256", signed(S), signed(u), "Caldera Derived Key", 16));
}

/** What a client proves that it has the key with: PASSWORD_CLAIM_SIGNATURE. */
export function passwordClaim(key: Buffer, identity: string, secretBlock: string, timestamp: string): Buffer {
  return createHmac("sha256", key)
    .update(identity)
    .update(Buffer.from(secretBlock, "base64"))
    .update(timestamp)
    .digest();
}

/** A number in hexadecimal as Cognito writes it: with a zero byte in front where it would look negative. */
export function paddedHex(value: bigint): string {
  return signed(value).toString("hex");
}

export function fromBytes(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`);
}

function unsigned(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
}

function signed(value: bigint): Buffer {
  const bytes = unsigned(value);
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes;
}

function hash(...parts: readonly Buffer[]): bigint {
  return fromBytes(createHash("sha256").update(Buffer.concat(parts)).digest());
}
