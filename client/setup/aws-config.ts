import { chownSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { LocalError } from "../core/errors";
import { fileFault, requirePlaceOfRoot, writeFileAtomically } from "../core/files";
import type { Environment } from "../settings/settings-sources";

export type AwsFile = "config" | "credentials";

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
 * @param mode that the file has afterwards; by default the one that it had, or private.
 * @returns whether it was changed.
 */
export function changeFile(
  path: string,
  change: (text: string | undefined) => string | undefined,
  { mode }: { readonly mode?: number } = {},
): boolean {
  requirePlaceOfRoot(path);
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
    writeFileAtomically(target, Buffer.from(after, "latin1"), mode ?? (status ? status.mode & 0o777 : 0o600));
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

/** What undoing has to know besides the block itself. */
type Origin = "" | " +newline" | " +crlf" | " +file";

const BEGIN = /^# >>> oidc-s3 profile (\S+)( \+newline| \+crlf| \+file)? >>> /;

interface Block {
  /** Numbers of its first line and of the one after its last. */
  readonly begin: number;
  readonly end: number;
  readonly origin: Origin;
}

/**
 * The AWS config with the profile in it: in its old place where it is there already, else at the end. Everything else
 * stays byte for byte; texts are in Latin-1, so that each byte is one character.
 * @param text undefined where there is no file yet.
 * @param file which of AWS's files it is: the credentials file names its sections otherwise.
 * @throws {LocalError} where somebody else has written a profile of this name.
 */
export function addProfile(
  text: string | undefined,
  name: string,
  settings: readonly string[],
  file: AwsFile = "config",
): string {
  const before = text ?? "";
  const lines = splitLines(before);
  const eol = lineEnd(lines[0]);
  const old = findBlock(lines, name);
  if (old) {
    const kept = block(name, settings, old.origin, file).map((line) => line + lineEnd(lines[old.begin]));
    return [...lines.slice(0, old.begin), ...kept, ...lines.slice(old.end)].join("");
  }
  const foreign = lines.findIndex((line) => isSection(line, name, file));
  if (foreign >= 0) {
    throw new LocalError(`line ${foreign + 1} begins a profile ${name} that oidc-s3 did not write`, "profile_exists", {
      remedy: "Choose another name with --name, or take that profile out first",
    });
  }
  const open = before !== "" && !before.endsWith("\n");
  const origin: Origin = text === undefined ? " +file" : !open ? "" : eol === "\n" ? " +newline" : " +crlf";
  const added = block(name, settings, origin, file).map((line) => line + eol);
  return before + (open ? eol : "") + added.join("");
}

/**
 * The AWS config as it was before {@link addProfile}; undefined where there was no file.
 * @throws {LocalError} where there is no such block, or its end is gone.
 */
export function removeProfile(text: string, name: string): string | undefined {
  const lines = splitLines(text);
  const old = findBlock(lines, name);
  if (!old) {
    throw new LocalError(`there is no profile ${name} that oidc-s3 wrote`, "no_profile");
  }
  const before = lines.slice(0, old.begin).join("");
  const after = lines.slice(old.end);
  const next = BEGIN.exec(after[0] ?? "");
  if (next && next[2] === undefined) {
    // The block behind it was added later: undoing that one last gives the file back as it was.
    after[0] = (after[0] ?? "").replace(/^# >>> oidc-s3 profile \S+/, (begin) => begin + old.origin);
    return before + after.join("");
  }
  // Lines that somebody has added behind it since must not be joined to the one before.
  if (after.length > 0) return before + after.join("");
  if (old.origin === " +file" && before === "") return undefined;
  return withoutNewline(before, old.origin);
}

function withoutNewline(text: string, origin: Origin): string {
  const added = origin === " +crlf" ? "\r\n" : origin === " +newline" ? "\n" : "";
  return text.endsWith(added) ? text.slice(0, text.length - added.length) : text;
}

/** The profiles that {@link addProfile} has put into a config, with the settings of each. */
export function ownProfiles(text: string): { readonly name: string; readonly settings: readonly string[] }[] {
  const lines = splitLines(text);
  return lines.flatMap((line, begin) => {
    const [, name] = BEGIN.exec(line) ?? [];
    if (name === undefined) return [];
    const length = lines.slice(begin).findIndex((other) => other.trimEnd() === endLine(name));
    return length < 0 ? [] : [{ name, settings: lines.slice(begin + 1, begin + length).map((each) => each.trim()) }];
  });
}

/** Whether a line begins the profile, in the ways that AWS's tools read it. */
export function isSection(line: string, name: string, file: AwsFile = "config"): boolean {
  const [, header = ""] = /^\s*\[([^\]]*)\]/.exec(line) ?? [];
  const [, prefix, quoted = ""] = /^\s*(profile\s+)?(.*?)\s*$/.exec(header) ?? [];
  const plain = quoted.replace(/^(["'])(.*)\1$/, "$2");
  return plain === name && (file === "credentials" || prefix !== undefined || name === "default");
}

export function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function lineEnd(line: string | undefined): string {
  return line?.endsWith("\r\n") ? "\r\n" : "\n";
}

function block(name: string, settings: readonly string[], origin: Origin, file: AwsFile): string[] {
  const section = name === "default" || file === "credentials" ? `[${name}]` : `[profile ${name}]`;
  const undo = file === "config" ? `profile --remove --name ${name}` : `user logout --profile ${name}`;
  return [
    `# >>> oidc-s3 profile ${name}${origin} >>> "oidc-s3 ${undo}" takes it out again`,
    section,
    ...settings,
    endLine(name),
  ];
}

function endLine(name: string): string {
  return `# <<< oidc-s3 profile ${name} <<<`;
}

function findBlock(lines: readonly string[], name: string): Block | undefined {
  for (const [begin, line] of lines.entries()) {
    const [, found, origin = ""] = BEGIN.exec(line) ?? [];
    if (found !== name) continue;
    const last = lines.findIndex((other, index) => index > begin && other.trimEnd() === endLine(name));
    if (last >= 0) return { begin, end: last + 1, origin: origin as Origin };
    throw new LocalError(
      `line ${begin + 1} begins the profile ${name}, and the line that ends it is gone`,
      "bad_profile",
      {
        remedy: `Put "${endLine(name)}" back behind its last line, or delete it by hand`,
      },
    );
  }
  return undefined;
}
