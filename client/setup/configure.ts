import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { LocalError, SettingsError, UsageError } from "../core/errors";
import { fileFault, writeFileAtomically } from "../core/files";
import { type Console, terminalPrompt } from "../core/prompt";
import { foreignWriterAbove } from "../core/writers";
import { DEFAULT_CONFIG_FILE, loadSettings } from "../settings/settings";
import {
  type NamedContent,
  parseSettingsFile,
  SETTING_NAMES,
  type SettingName,
  settingsFileText,
} from "../settings/settings-file";
import type { Environment } from "../settings/settings-sources";
import { notText, oddLines, readText } from "../settings/text-file";

export interface ConfigureOptions {
  /** From `--config`: the file to write. */
  readonly configFile?: string | undefined;
  /** From `--from`: the file to take the settings from; "-" is the standard input. */
  readonly from?: string | undefined;
  readonly env: Environment;
  /** Undefined where nobody can be asked. */
  readonly console: Console | undefined;
  readonly readStdin: () => string;
  readonly print: (line: string) => void;
  readonly say: (message: string) => void;
}

type Values = Record<string, string>;

/** Writes the settings where they will be looked for, for this user alone. */
export async function configure(options: ConfigureOptions): Promise<void> {
  const { env, from, print, say } = options;
  const path = options.configFile ?? (env.OIDC_S3_CONFIG || DEFAULT_CONFIG_FILE);
  const present = readContent(path) ?? { path, content: { values: new Map(), oddLines: [] } };
  const kept = beside(present);
  const values =
    from === undefined ? await ask(options, valuesOf(present)) : valuesOf(kept, given(options, from, kept));
  write(path, settingsFileText(values, 'Settings of oidc-s3, written by "oidc-s3 configure". Keep this file private.'));
  print(`wrote ${path}`);
  if (path !== DEFAULT_CONFIG_FILE && path !== env.OIDC_S3_CONFIG) {
    say(`this is not where settings are looked for by themselves: give --config ${path}, or set OIDC_S3_CONFIG to it`);
  }
}

/** The settings of `--from`, checked together with what stays. */
function given({ readStdin, say }: ConfigureOptions, from: string, kept: NamedContent): NamedContent {
  const found = from === "-" ? parse("the standard input", readStdin()) : readContent(from, say);
  if (found === undefined) throw new UsageError(`there is no file ${from}`);
  check([found, kept], say);
  return found;
}

/** What the machine has set besides this client's own settings: those of another server must not mix with the new. */
function beside({ path, content }: NamedContent): NamedContent {
  const own: readonly string[] = Object.values(SETTING_NAMES).map(({ variable }) => variable);
  const values = new Map([...content.values].filter(([name]) => !own.includes(name)));
  return { path, content: { ...content, values } };
}

/** The values of all, the last before the others. */
function valuesOf(...contents: readonly NamedContent[]): Values {
  const entries = contents.flatMap(({ content }) => [...content.values]);
  return Object.fromEntries(entries.map(([name, { value }]) => [name, value]));
}

async function ask({ console, say }: ConfigureOptions, present: Values): Promise<Values> {
  if (console === undefined) {
    throw new UsageError("there is no terminal to ask for the settings on", {
      remedy: 'Give them by --from FILE, or by --from - on the standard input; lines are NAME="value".',
    });
  }
  let values: Values = { IDP_TYPE: "cognito", ...present };
  for (;;) {
    values = await askSettings(console, values);
    try {
      const answers = new Map(Object.entries(values).map(([name, value]) => [name, { value }]));
      check([{ path: "your answer", content: { values: answers, oddLines: [] } }], say);
      return values;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      say(error.message);
    }
  }
}

/** The same check that will be made when they are read, independent of this machine's own settings. */
function check(contents: readonly NamedContent[], warn: (message: string) => void): void {
  loadSettings({ env: {}, contents, warn });
}

function readContent(path: string, warn?: (message: string) => void): NamedContent | undefined {
  const { text, status, fault } = readText(path);
  if (text === undefined) {
    if (!existsSync(path)) return undefined;
    throw new LocalError(`${path} ${fault}`, "file_unreadable");
  }
  if (status && status.mode & 0o044)
    warn?.(`${path} holds a secret and others can read it: remove it, or chmod 0600 ${path}`);
  return parse(path, text);
}

function parse(path: string, text: string): NamedContent {
  const kind = notText(text);
  if (kind) throw new SettingsError([`${path} is ${kind}, not lines of NAME="value"`]);
  const content = parseSettingsFile(text);
  const odd = oddLines(text, content.oddLines).join(", ");
  if (odd !== "") throw new SettingsError([`${path}: not understood: line ${odd}; write NAME="value"`]);
  return { path, content };
}

function write(path: string, text: string): void {
  requireOwnPlace(path);
  try {
    // Whatever the umask: a folder that a group can write would keep the file from being read again.
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileAtomically(path, text);
  } catch (error) {
    const fault = fileFault(error, path);
    if (fault.code !== "file_eacces") throw fault;
    throw new LocalError(fault.message, fault.code, {
      cause: error,
      remedy: "Run it as root, or name a file of your own by --config FILE and set OIDC_S3_CONFIG to it",
    });
  }
}

/** Where others could exchange the file, it would be refused when it is read. */
function requireOwnPlace(path: string): void {
  const writer = foreignWriterAbove(path);
  if (writer === undefined) return;
  throw new LocalError(`${path} would not be used, since others could change it: ${writer.fault}`, "not_own_file", {
    remedy: `${writer.remedy}, or name another file by --config`,
  });
}

const QUESTIONS: readonly { readonly name: SettingName; readonly text: string; readonly secret?: true }[] = [
  { name: "domain", text: "Cognito domain, its prefix alone" },
  { name: "region", text: "AWS region" },
  { name: "clientId", text: "Client id" },
  { name: "clientSecret", text: "Client secret (not shown)", secret: true },
  { name: "resourceServer", text: "Resource server's identifier" },
  { name: "credentialApiUrl", text: "URL of the vending API" },
  { name: "bucket", text: "Bucket (may be empty)" },
  { name: "prefix", text: "This server's prefix (may be empty)" },
];

/**
 * Asks a person for the settings; an empty answer keeps what is there. The secret is not shown while it is typed.
 * @throws {InterruptedError} on Ctrl-C and Ctrl-D.
 */
export async function askSettings(
  console: Console,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const prompt = terminalPrompt(console);
  const answers: Record<string, string> = { ...known };
  try {
    for (const { name, text, secret } of QUESTIONS) {
      const { variable } = SETTING_NAMES[name];
      const present = known[variable] ? ` [${secret ? "unchanged" : known[variable]}]` : "";
      const question = `${text}${present}: `;
      const answer = (await (secret ? prompt.askHidden(question) : prompt.ask(question))).trim();
      if (answer !== "") answers[variable] = answer;
    }
    return answers;
  } finally {
    prompt.close();
  }
}
