import { UsageError } from "../core/errors";

/**
 * Checks the name of a profile: it goes into files of AWS's tools, and becomes the name of a file.
 * @throws {UsageError} where it is none.
 */
export function requireProfileName(name: string): void {
  if (/^[\w+=,@-][\w.+=,@-]*$/.test(name)) return;
  throw new UsageError(`${JSON.stringify(name)} is not a name for a profile`, {
    remedy: "Use letters, digits and . _ - + = , @, and no dot at the start",
  });
}
