import { existsSync } from "node:fs";
import type { Environment } from "../../settings/settings-sources";
import {
  addProfile,
  awsFiles,
  changeFile,
  isSection,
  ownProfiles,
  removeProfile,
  requireNoStoredKeys,
  splitLines,
} from "../../setup/aws-config";
import { credentialProcess, latin1 } from "../../setup/profile";
import type { UserCredentials } from "../session/cached-credentials";
import type { UserSettings } from "../settings/user-settings";

export interface AwsProfileOptions {
  readonly env: Environment;
  readonly print: (line: string) => void;
}

/** Only its owner may read it: it holds keys. */
const CREDENTIALS_MODE = 0o600;

/** Lets AWS's tools ask this program for credentials: writes the profile, and keeps the rest of the file. */
export function writeProcessProfile(
  settings: UserSettings,
  { env, print, program }: AwsProfileOptions & { readonly program: readonly string[] },
): void {
  const { profile } = settings;
  const files = awsFiles(env);
  const process = credentialProcess(program, ["user", "credentials", "--profile", profile]);
  // Keys of this program's own, from --static, would be used in place of it.
  removeStaticKeys(profile, env);
  requireNoStoredKeys(files, profile);
  const lines = [process, ...commonLines(settings, env)];
  const changed = changeFile(files.config, (text) => addProfile(text, profile, lines));
  print(`${changed ? "wrote" : "already there:"} ${section(profile)} in ${files.config}`);
}

/** Writes the keys themselves, for tools that ask no program; they are worth nothing from their expiry on. */
export function writeStaticKeys(
  settings: UserSettings,
  credentials: UserCredentials,
  { env, print }: AwsProfileOptions,
): void {
  const { profile } = settings;
  const files = awsFiles(env);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = credentials;
  const lines = [
    `# until ${expiration.toISOString()}`,
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
  ];
  const change = (text: string | undefined) => addProfile(text, profile, lines, "credentials");
  changeFile(files.credentials, change, { mode: CREDENTIALS_MODE });
  changeFile(files.config, (text = "") => {
    // A profile that somebody else keeps there has a region of its own.
    const isForeign = !isOwn(text, profile) && splitLines(text).some((line) => isSection(line, profile));
    return isForeign ? text : addProfile(text === "" ? undefined : text, profile, commonLines(settings, env));
  });
  print(`wrote [${profile}] into ${files.credentials}: it works until ${expiration.toISOString()}`);
}

/** Takes out the keys that {@link writeStaticKeys} has written; whether there were any. */
export function removeStaticKeys(profile: string, env: Environment): boolean {
  const { credentials } = awsFiles(env);
  if (!existsSync(credentials)) return false;
  return changeFile(
    credentials,
    (text) => (text !== undefined && isOwn(text, profile) ? removeProfile(text, profile) : text),
    { mode: CREDENTIALS_MODE },
  );
}

function isOwn(text: string, profile: string): boolean {
  return ownProfiles(text).some(({ name }) => name === profile);
}

function commonLines({ region }: UserSettings, env: Environment): string[] {
  // As the sandbox has it; at AWS nothing is set.
  const endpoint = env.AWS_ENDPOINT_URL;
  return [`region = ${region}`, ...(endpoint ? [`endpoint_url = ${latin1(endpoint)}`] : [])];
}

function section(profile: string): string {
  return profile === "default" ? "[default]" : `[profile ${profile}]`;
}
