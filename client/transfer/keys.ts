import { isUnderPrefix } from "../../access/prefix";
import { UsageError } from "../core/errors";
import { printable } from "../core/terminal";

/** S3 refuses longer keys: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const MAX_KEY_BYTES = 1024;

/**
 * What is wrong with a whole key for an object of this server, or undefined.
 * Keys that only exist already (to download or delete) may have any form that S3 lets them have.
 */
export function keyFault(prefix: string, key: string, purpose: "new" | "existing"): string | undefined {
  if (key === "") return "the key is empty";
  if (/\p{Surrogate}/u.test(key)) return "the key is not valid Unicode";
  if (!isUnderPrefix(prefix, key)) {
    return `the key ${printable(key)} is outside of this server's prefix ${printable(prefix)}`;
  }
  if (purpose === "existing") return undefined;
  if (key.endsWith("/")) return `the key ${printable(key)} names a folder`;
  if (key.split("/").some((segment) => segment === "." || segment === "..")) {
    // S3 takes it literally, most programs on the way to it and from it do not.
    return `the key ${printable(key)} has . or .. as a folder`;
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the purpose
  if (/[\u0000-\u001f\u007f]/.test(key)) return `the key ${printable(key)} holds a control character`;
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) return `the key ${printable(key)} has ${bytes} bytes; S3 allows ${MAX_KEY_BYTES}`;
  return undefined;
}

/**
 * Checks whole keys given on the command line, before anything is sent.
 * @throws {UsageError} that names every fault.
 */
export function requireKeys(prefix: string, keys: readonly string[], purpose: "new" | "existing"): void {
  const faults = keys.flatMap((key) => keyFault(prefix, key, purpose) ?? []);
  if (faults.length > 0) throw new UsageError(faults.join("\n"), { remedy: keyRemedy(prefix) });
}

export function keyRemedy(prefix: string): string {
  return `A key is whole: it starts with the prefix, as in ${printable(prefix)}folder/name`;
}
