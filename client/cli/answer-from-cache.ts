import { print, say } from "../core/terminal";
import { cachedCredentials, credentialProcessJson } from "../credentials/credentials";
import { parseRequest } from "../credentials/request";
import { loadSettings } from "../settings/settings";

/**
 * Answers a plain `get-credentials` command line, such as `credential_process` runs hundreds of times an hour, from
 * the cache; false where it cannot, for whatever reason: then nothing was written, and the whole program, which takes
 * longer to load than this takes to answer, starts over and says why.
 */
export function answerFromCache(args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  if (args[0] !== "get-credentials") return false;
  const options: { config?: string; scope?: string; duration?: string } = {};
  for (let index = 1; index < args.length; index += 2) {
    const name = args[index];
    const value = args[index + 1];
    if (value === undefined || value.startsWith("-")) return false;
    if (name !== "--config" && name !== "--scope" && name !== "--duration") return false;
    options[name.slice(2) as keyof typeof options] = value;
  }
  const warnings: string[] = [];
  try {
    const settings = loadSettings({ env, configFile: options.config, warn: (message) => warnings.push(message) });
    const cached = cachedCredentials(settings, parseRequest(options));
    if (!cached) return false;
    for (const warning of warnings) say(warning);
    print(credentialProcessJson(cached));
    return true;
  } catch {
    return false;
  }
}
