import { randomBytes } from "node:crypto";
import { basename, dirname } from "node:path";
import { LocalError } from "../core/errors";
import { makeFolder, readPrivateFile, writeFileAtomically } from "../core/files";
import { Secret } from "../core/secret";

/** SDKs send what the file holds as a header: no line break, and nothing that a header would not carry. */
const TOKEN = /^[\w-]{43,}$/;

/**
 * The token that clients must show, from its file, which only this user can read; a new one is made where there is
 * none. It stays the same from start to start, so that clients need not be started again with the service.
 * @throws {LocalError} where the file cannot be written.
 */
export function authorizationToken(path: string): Secret {
  try {
    makeFolder(dirname(path));
    const present = readPrivateFile(dirname(path), basename(path));
    if (present !== undefined && TOKEN.test(present)) return new Secret(present);
    const token = randomBytes(32).toString("base64url");
    writeFileAtomically(path, token);
    return new Secret(token);
  } catch (error) {
    throw new LocalError(
      `the token's file ${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
      "token_file",
      {
        remedy: "Name another one by --token-file",
        cause: error,
      },
    );
  }
}
