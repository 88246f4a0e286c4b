import { readFileSync, statSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { UsageError } from "../core/errors";
import { requireProfileName } from "../settings/profile-name";
import type { Settings } from "../settings/settings";
import { SETTING_NAMES } from "../settings/settings-file";
import type { Environment } from "../settings/settings-sources";
import { addProfile, awsFiles, changeFile, ownProfiles, removeProfile, requireNoStoredKeys } from "./aws-config";

export interface ProfileOptions {
  readonly name: string;
  readonly env: Environment;
  readonly print: (line: string) => void;
  readonly say: (message: string) => void;
}

export interface AddOptions extends ProfileOptions {
  readonly settings: Settings;
  /** From --config. */
  readonly configFile?: string | undefined;
  /** What starts this program: {@link ownCommand}. */
  readonly program: readonly string[];
}

/** The words that start this program: Node.js and the program's file, or the executable that holds them both. */
export function ownCommand(): readonly string[] {
  // Older versions than 20.16 have no such function, and no executable is made with them.
  const isExecutable = process.getBuiltinModule?.("node:sea").isSea() ?? false;
  return isExecutable ? [process.execPath] : [process.execPath, process.argv[1] ?? ""];
}

/** Adds the profile to the AWS config, or brings it up to date. */
export function add({ settings, name, env, configFile, program, print, say }: AddOptions): void {
  requireProfileName(name);
  const files = awsFiles(env);
  requireNoStoredKeys(files, name);
  const named = configFile ?? env.OIDC_S3_CONFIG;
  const args = ["get-credentials", ...(named ? ["--config", resolve(named)] : [])];
  const lines = [credentialProcess(program, args)];
  if (settings.region !== "") lines.push(`region = ${settings.region}`);
  if (settings.s3Endpoint !== undefined) lines.push(`endpoint_url = ${latin1(settings.s3Endpoint)}`);
  const changed = changeFile(files.config, (text) => addProfile(text, name, lines));
  print(`${changed ? "wrote" : "already there:"} [profile ${name}] in ${files.config}`);
  print(`use it: aws s3 cp FILE s3://${settings.bucket || "BUCKET"}/${settings.prefix || "PREFIX/"} --profile ${name}`);
  if (settings.s3Endpoint !== undefined)
    say(`S3 is at ${settings.s3Endpoint} for this profile, by ${settings.s3EndpointPlace}`);
  tellOfEnvironment(settings, say);
}

/**
 * The line of a profile that asks this program for credentials.
 * @throws {UsageError} where the program is not one file, or its path cannot be written into an AWS config.
 */
export function credentialProcess(program: readonly string[], args: readonly string[]): string {
  if (program.at(-1)?.endsWith(".ts")) {
    throw new UsageError("a profile needs the program in one file, and this runs from its sources", {
      remedy: "Build it first (npm run build) and run dist/oidc-s3.cjs",
    });
  }
  return `credential_process = ${latin1(processCommand([...program.map((word) => resolve(word)), ...args]))}`;
}

/** Takes the profile out again. */
export function remove({ name, env, print }: ProfileOptions): void {
  requireProfileName(name);
  const { config } = awsFiles(env);
  changeFile(config, (text) => removeProfile(text ?? "", name));
  print(`removed [profile ${name}] from ${config}`);
}

/** A sentence on each profile that this program wrote and that cannot work any more, since a file it names is gone. */
export function brokenProfiles(env: Environment): string[] {
  const { config } = awsFiles(env);
  if (!statSync(config, { throwIfNoEntry: false })?.isFile()) return [];
  return ownProfiles(readFileSync(config, "latin1")).flatMap(({ name, settings }) => {
    const [, command = ""] = settings.map((line) => /^credential_process = (.*)$/.exec(line)).find(Boolean) ?? [];
    const words = processWords(Buffer.from(command, "latin1").toString("utf8"));
    const gone = words.filter((word) => isAbsolute(word) && isGone(word));
    if (gone.length === 0) return [];
    return `[profile ${name}] in ${config} names ${gone.join(" and ")}, which is gone: take it out by "oidc-s3 profile --remove --name ${name}", or write it anew`;
  });
}

function isGone(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}

/** The profile may be used in another environment than the one it was made in. */
function tellOfEnvironment({ sources }: Settings, say: (message: string) => void): void {
  const needed = ["clientId", "clientSecret", "resourceServer", "credentialApiUrl", "domain", "tokenEndpoint"] as const;
  const fleeting = needed.filter((name) => /^(?:environment|flag)/.test(sources[name] ?? ""));
  if (fleeting.length === 0) return;
  const names = fleeting.map((name) => SETTING_NAMES[name].variable).join(", ");
  say(`the profile works only where these are set as now: ${names}; a settings file (--config) would always be found`);
}

/** The file's bytes are handled as Latin-1; paths are written in UTF-8. */
export function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/**
 * A `credential_process` line of these words. AWS's tools differ: some split it as a shell does, some hand it to a
 * shell, and some take what follows a blank and # or ; for a comment. This is what all of them read alike.
 * @throws {UsageError} for a word that cannot be written so.
 */
export function processCommand(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line can hold none
  if (/[\u0000-\u001f\u007f]/.test(word) || /(?:^|\s)[#;]/.test(word) || word === "") throw unwritable(word);
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/["\\$`!]/.test(word)) return `"${word}"`;
  if (!word.includes("'")) return `'${word}'`;
  throw unwritable(word);
}

/** What {@link processCommand} made a line of. */
function processWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}

function unwritable(word: string): UsageError {
  return new UsageError(`the path ${JSON.stringify(word)} cannot be written into an AWS config`, {
    remedy: "Use a path without quotes, control characters and # or ; after a blank",
  });
}
