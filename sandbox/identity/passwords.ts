import { randomBytes, randomInt } from "node:crypto";
import type { PasswordPolicy } from "./directory";
import { ServiceError } from "./service-error";
import { fromBytes, privateKey, verifierOf } from "./srp";

/** What is kept of a password: enough to check it by either protocol, and not the password. */
export interface Verifier {
  readonly salt: Buffer;
  readonly v: bigint;
}

/** @param identity the pool's name and the user's, as in Cognito's password proofs. */
export function createVerifier(identity: string, password: string): Verifier {
  // The first byte is below 0x80, so that the salt reads the same with and without a sign.
  const salt = randomBytes(16);
  salt[0] = ((salt[0] ?? 0) & 0x7f) | 0x01;
  return { salt, v: verifierOf(privateKey(salt, identity, password)) };
}

export function isPassword({ salt, v }: Verifier, identity: string, password: string): boolean {
  return verifierOf(privateKey(salt, identity, password)) === v;
}

/** What a name that nobody has answers with: each time the same salt, as a real one would. */
export function fakeVerifier(digest: (purpose: string) => Buffer): Verifier {
  const salt = digest("salt").subarray(0, 16);
  salt[0] = ((salt[0] ?? 0) & 0x7f) | 0x01;
  return { salt, v: verifierOf(fromBytes(digest("verifier"))) };
}

const SYMBOLS = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ";
const LONGEST = 256;

/** @throws {ServiceError} where the pool's policy does not accept the password. */
export function checkPolicy(policy: PasswordPolicy, password: string): void {
  const fault = policyFault(policy, password);
  if (fault !== undefined) {
    throw new ServiceError("InvalidPasswordException", `Password did not conform with policy: ${fault}`);
  }
}

function policyFault(policy: PasswordPolicy, password: string): string | undefined {
  if (password.length < policy.minimumLength) return "Password not long enough";
  if (password.length > LONGEST) return "Password must not be longer than 256 characters";
  if (policy.requireUppercase && !/[A-Z]/.test(password)) return "Password must have uppercase characters";
  if (policy.requireLowercase && !/[a-z]/.test(password)) return "Password must have lowercase characters";
  if (policy.requireNumbers && !/[0-9]/.test(password)) return "Password must have numeric characters";
  // A space counts as a symbol only inside of a password.
  const hasSymbol = [...password.trim()].some((character) => SYMBOLS.includes(character));
  if (policy.requireSymbols && !hasSymbol) return "Password must have symbol characters";
  return undefined;
}

/** A password that every policy accepts which asks for no more than `length` characters. */
export function generatePassword(length: number): string {
  const classes = ["ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "!#%*-_+="];
  const any = classes.join("");
  const characters = classes.map(pick);
  while (characters.length < Math.max(length, 16)) characters.push(pick(any));
  for (let last = characters.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [characters[last], characters[other]] = [characters[other] as string, characters[last] as string];
  }
  return characters.join("");
}

function pick(from: string): string {
  return from[randomInt(from.length)] as string;
}
