import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { LocalError, SettingsError, UsageError } from "../../core/errors";
import { fileFault, makeFolder, writeFileAtomically } from "../../core/files";
import type { Prompt } from "../../core/prompt";
import { foreignWriterAbove } from "../../core/writers";
import type { Environment } from "../../settings/settings-sources";
import { isObject, type Json, outputsOf, outputValue, parseOutputs } from "../../settings/terraform-outputs";
import { readText } from "../../settings/text-file";
import { DEFAULT_PROFILE, ENVIRONMENT, environmentSettings, loadUserSettings, settingsPath } from "./find-settings";
import { userConfiguration } from "./user-settings";

export interface ConfigureUserOptions {
  readonly profile?: string | undefined;
  /** The file to take the settings from; "-" is the standard input. */
  readonly from?: string | undefined;
  /** Which stack's, where the file has several. */
  readonly stack?: string | undefined;
  readonly env: Environment;
  /** Undefined where nobody can be asked. */
  readonly prompt: Prompt | undefined;
  readonly readStdin: () => string;
  readonly print: (line: string) => void;
  readonly say: (message: string) => void;
}

/** What is kept of what was given: the output's keys, and where the services are. */
const KEYS = [
  "region",
  "user_pool_id",
  "client_id",
  "identity_pool_id",
  "issuer",
  "domain",
  "callback_urls",
  "account_id",
  "long_sessions",
  "authenticated_role_arn",
  "s3",
  "endpoints",
];

/** Writes the settings of a person for one profile. */
export async function configureUser(options: ConfigureUserOptions): Promise<void> {
  const { env, from, prompt, print, say, profile = DEFAULT_PROFILE } = options;
  const path = settingsPath(env, profile);
  if (path === undefined) throw new LocalError("this user has no home to keep settings in", "no_home");
  if (from !== undefined) {
    const place = from === "-" ? "the standard input" : from;
    writeUserSettings(path, settingsIn(textOf(from, options), place, options.stack), place);
  } else {
    const known = knownSettings(options, path);
    if (known.place !== undefined) say(`takes what is known from ${known.place}`);
    if (prompt) writeUserSettings(path, await ask(prompt, known.settings, say), "your answer");
    else if (known.place === olderPath(env) && known.place !== undefined)
      writeUserSettings(path, known.settings, known.place);
    else {
      throw new UsageError("there is no terminal to ask for the settings on", {
        remedy: "Give them by --from FILE, the output user_configuration of users-<env> as JSON",
      });
    }
  }
  print(`wrote ${path}`);
  const named = profile === DEFAULT_PROFILE ? "" : ` --profile ${profile}`;
  print(`sign in: oidc-s3 user login${named}`);
}

/**
 * The settings in the outputs of `users-<env>`, in the output `user_configuration` alone, or in the older tool's file.
 * @throws {UsageError} where they are none of these.
 */
export function settingsIn(text: string, place: string, stack?: string): Json {
  const parsed = parseOutputs(text);
  const value = outputValue(parsed);
  if (isObject(value) && "user_pool_id" in value) return value;
  const outputs = outputsOf(parsed, { name: "user_configuration", stack, of: "users-<env>" });
  const found = outputValue(outputs.user_configuration);
  if (isObject(found)) return found;
  throw new UsageError(`${place}: user_configuration is not an object`);
}

/**
 * Writes settings for a profile that has none: those of the environment, else those of the profile "default".
 * @returns where they are from; undefined where nothing was written.
 */
export function adoptUserSettings(env: Environment, profile: string): string | undefined {
  const path = settingsPath(env, profile);
  if (path === undefined || existsSync(path)) return undefined;
  const standard = settingsPath(env, DEFAULT_PROFILE);
  if (!env.COGNITO_USER_POOL_ID && (standard === undefined || !existsSync(standard))) return undefined;
  const { source } = loadUserSettings({ env });
  const given = source === ENVIRONMENT ? environmentSettings(env) : parseOutputs(readText(source).text ?? "");
  writeUserSettings(path, given, source);
  return source;
}

/** Writes settings that were checked, for this user alone. */
export function writeUserSettings(path: string, given: Json, place: string): void {
  userConfiguration(given, place);
  const kept = Object.fromEntries(KEYS.filter((key) => (given[key] ?? "") !== "").map((key) => [key, given[key]]));
  try {
    makeFolder(dirname(path));
    const writer = foreignWriterAbove(path);
    if (writer) {
      throw new LocalError(`${path} would not be used, since others could change it: ${writer.fault}`, "not_own_file", {
        remedy: writer.remedy,
      });
    }
    writeFileAtomically(path, `${JSON.stringify(kept, null, 2)}\n`);
  } catch (error) {
    throw fileFault(error, path);
  }
}

function textOf(from: string, { readStdin }: ConfigureUserOptions): string {
  if (from === "-") return readStdin();
  const { text, fault } = readText(from);
  if (text === undefined) throw new LocalError(`${from} ${fault}`, "file_unreadable");
  return text;
}

/** Where an older tool kept its settings. */
function olderPath(env: Environment): string | undefined {
  return env.HOME ? `${env.HOME}/.cognito-cli-config.json` : undefined;
}

/** What questions begin with: the settings that are there, else the environment, else the older tool's. */
function knownSettings(
  { env }: ConfigureUserOptions,
  path: string,
): { readonly settings: Json; readonly place: string | undefined } {
  if (env.COGNITO_USER_POOL_ID) return { settings: environmentSettings(env), place: ENVIRONMENT };
  for (const place of [path, olderPath(env)]) {
    const { text } = place === undefined ? {} : readText(place);
    if (text !== undefined && place !== undefined) return { settings: settingsIn(text, place), place };
  }
  return { settings: {}, place: undefined };
}

const QUESTIONS: readonly { readonly key: string; readonly text: string; readonly optional?: true }[] = [
  { key: "user_pool_id", text: "User pool id" },
  { key: "client_id", text: "Client id" },
  { key: "identity_pool_id", text: "Identity pool id (may be empty)", optional: true },
  { key: "domain", text: "URL of the sign-in pages (may be empty)", optional: true },
];

async function ask(prompt: Prompt, known: Json, say: (message: string) => void): Promise<Json> {
  for (let settings = known; ; ) {
    const answers: Record<string, unknown> = { ...settings };
    for (const { key, text } of QUESTIONS) {
      const present = typeof answers[key] === "string" && answers[key] !== "" ? ` [${answers[key]}]` : "";
      const answer = (await prompt.ask(`${text}${present}: `)).trim();
      if (answer !== "") answers[key] = answer;
    }
    // What was told of one pool is wrong of another.
    if (known.user_pool_id !== undefined && answers.user_pool_id !== known.user_pool_id)
      for (const key of KEYS) if (!QUESTIONS.some((question) => question.key === key)) delete answers[key];
    if (answers.domain !== undefined && answers.callback_urls === undefined) answers.callback_urls = CALLBACKS;
    try {
      userConfiguration(answers, "your answer");
      return answers;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      say(error.message);
      settings = answers;
    }
  }
}

/** The default of users.tfvars. */
const CALLBACKS = [18271, 18272, 18273].map((port) => `http://localhost:${port}/callback`);
