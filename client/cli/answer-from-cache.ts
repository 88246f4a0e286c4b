import { fstatSync } from "node:fs";
import { print, say } from "../core/terminal";
import { tokenText } from "../credentials/access-token";
import { cachedCredentials, credentialProcessJson } from "../credentials/credentials";
import { parseRequest } from "../credentials/request";
import { cachedAccessToken, parseScopes } from "../credentials/tokens";
import { loadSettings, loadTokenSettings, type SettingsInput } from "../settings/settings";
import { cachedUserCredentials } from "../user/session/cached-credentials";
import { loadUserSettings } from "../user/settings/find-settings";

/**
 * Answers a plain `get-credentials`, `token` or `user credentials` command line, such as scripts run hundreds of times an hour, from the
 * cache; false where it cannot, for whatever reason: then nothing was written, and the whole program, which takes
 * longer to load than this takes to answer, starts over and says why.
 */
export function answerFromCache([command, ...args]: readonly string[], env: NodeJS.ProcessEnv): boolean {
  const answer = ANSWERS.get(command ?? "");
  if (answer === undefined) return false;
  const warnings: string[] = [];
  try {
    const text = answer(args, { env, warn: (message) => warnings.push(message) });
    if (text === undefined) return false;
    for (const warning of warnings) say(warning);
    print(text);
    return true;
  } catch {
    return false;
  }
}

type Answer = (args: readonly string[], input: SettingsInput) => string | undefined;

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ["get-credentials", credentialsAnswer],
  ["token", tokenAnswer],
  ["user", userAnswer],
]);

function credentialsAnswer(args: readonly string[], input: SettingsInput): string | undefined {
  const options = optionsIn(args, ["--config", "--scope", "--duration"]);
  if (options === undefined) return undefined;
  const [configFile, scope, duration] = ["--config", "--scope", "--duration"].map((name) => options.get(name)?.at(-1));
  const request = { ...(scope === undefined ? {} : { scope }), ...(duration === undefined ? {} : { duration }) };
  const cached = cachedCredentials(loadSettings({ ...input, configFile }), parseRequest(request));
  return cached && credentialProcessJson(cached);
}

function tokenAnswer(args: readonly string[], input: SettingsInput): string | undefined {
  const options = optionsIn(
    args.filter((arg) => arg !== "--header"),
    ["--config", "--scope"],
  );
  // On a terminal there is more to say; that /dev/null is taken for one costs nothing.
  if (options === undefined || fstatSync(1).isCharacterDevice()) return undefined;
  const settings = loadTokenSettings({ ...input, configFile: options.get("--config")?.at(-1) });
  const cached = cachedAccessToken(settings, parseScopes(options.get("--scope") ?? []));
  return cached && tokenText(cached, args.includes("--header") ? "header" : "token");
}

function userAnswer([command, ...args]: readonly string[], { env }: SettingsInput): string | undefined {
  const options = command === "credentials" ? optionsIn(args, ["--profile"]) : undefined;
  if (options === undefined) return undefined;
  const cached = cachedUserCredentials(loadUserSettings({ env, profile: options.get("--profile")?.at(-1) }));
  return cached && credentialProcessJson(cached);
}

/** The values of the options by their names; undefined where there is anything else. */
function optionsIn(args: readonly string[], names: readonly string[]): ReadonlyMap<string, string[]> | undefined {
  const options = new Map<string, string[]>();
  for (let index = 0; index < args.length; index += 2) {
    const name = args[index] ?? "";
    const value = args[index + 1];
    if (!names.includes(name) || value === undefined || value.startsWith("-")) return undefined;
    options.set(name, [...(options.get(name) ?? []), value]);
  }
  return options;
}
