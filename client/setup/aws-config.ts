import { chownSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../core/atomic-file";
import { LocalError } from "../core/errors";
import { fileFault } from "../core/file-reader";
import type { Environment } from "../settings/settings-sources";
import { isSection, splitLines } from "./profile-block";

export interface AwsFiles {
  readonly config: string;
  readonly credentials: string;
}

/** Where AWS's tools look: https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html */
export function awsFiles(env: Environment): AwsFiles {
  const folder = join(env.HOME || homedir(), ".aws");
  return {
    config: env.AWS_CONFIG_FILE || join(folder, "config"),
    credentials: env.AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"),
  };
}

/**
 * Changes a file as `change` says, whole or not at all; a file that stays as it is is not touched.
 * @param change from and to Latin-1, one character a byte; undefined is no file.
 * @returns whether it was changed.
 */
export function changeFile(path: string, change: (text: string | undefined) => string | undefined): boolean {
  try {
    // A link, as people have who keep their files elsewhere, stays one.
    const target = realPath(path);
    const status = statSync(target, { throwIfNoEntry: false });
    const before = status && readFileSync(target, "latin1");
    if (before?.includes("\0")) {
      throw new LocalError(`${path} is not a text file in UTF-8`, "not_text", { remedy: "Save it as UTF-8" });
    }
    const after = change(before);
    if (after === before) return false;
    if (after === undefined) {
      rmSync(target);
      return true;
    }
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    writeFileAtomically(target, Buffer.from(after, "latin1"), status ? status.mode & 0o777 : 0o600);
    if (status && status.uid !== process.getuid?.()) chownSync(target, status.uid, status.gid);
    return true;
  } catch (error) {
    throw fileFault(error, path);
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return path;
    throw error;
  }
}

/** Keys in the credentials file go before a credential_process in the config: the profile would never be asked. */
export function requireNoStoredKeys({ credentials }: AwsFiles, name: string): void {
  if (!statSync(credentials, { throwIfNoEntry: false })?.isFile()) return;
  const line = splitLines(readFileSync(credentials, "latin1")).findIndex((text) =>
    isSection(text, name, "credentials"),
  );
  if (line < 0) return;
  throw new LocalError(
    `${credentials}, line ${line + 1}, has keys for ${name}, and they would be used instead`,
    "profile_exists",
    {
      remedy: "Choose another name with --name, or take them out",
    },
  );
}
