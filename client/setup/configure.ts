import { mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { InterruptedError, LocalError, SettingsError, UsageError } from "../core/errors";
import { fileFault, writeFileAtomically } from "../core/files";
import { DEFAULT_CONFIG_FILE, loadSettings } from "../settings/settings";
import { parseSettingsFile, SETTING_NAMES, type SettingName, settingsFileText } from "../settings/settings-file";
import type { Environment } from "../settings/settings-sources";

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
  const present = readValues(path);
  const values =
    from === undefined ? await ask(options, present ?? {}) : { ...beside(present), ...given(options, from) };
  check(values);
  write(path, settingsFileText(values, 'Settings of oidc-s3, written by "oidc-s3 configure". Keep this file private.'));
  print(`wrote ${path}`);
  if (path !== DEFAULT_CONFIG_FILE && path !== env.OIDC_S3_CONFIG) {
    say(`this is not where settings are looked for by themselves: give --config ${path}, or set OIDC_S3_CONFIG to it`);
  }
}

/** What the machine has set besides this client's own settings: those of another server must not mix with the new. */
function beside(present: Values = {}): Values {
  const own: readonly string[] = Object.values(SETTING_NAMES).map(({ variable }) => variable);
  return Object.fromEntries(Object.entries(present).filter(([name]) => !own.includes(name)));
}

function given({ readStdin, say }: ConfigureOptions, from: string): Values {
  const values = from === "-" ? parse(readStdin()) : readValues(from, say);
  if (values === undefined) throw new UsageError(`there is no file ${from}`);
  check(values);
  return values;
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
      check(values);
      return values;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      say(error.message);
    }
  }
}

/** The same check that will be made when they are read, independent of this machine's own settings. */
function check(values: Values): void {
  loadSettings({ env: values, defaultConfigFile: "/dev/null" });
}

function readValues(path: string, warn?: (message: string) => void): Values | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (status.mode & 0o044) warn?.(`${path} holds a secret and others can read it: remove it, or chmod 0600 ${path}`);
    return parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw fileFault(error, path);
  }
}

function parse(text: string): Values {
  const { values, oddLines } = parseSettingsFile(text);
  if (oddLines.length > 0) throw new SettingsError([`not understood: line ${oddLines.join(", ")}; write NAME="value"`]);
  return Object.fromEntries([...values].map(([name, { value }]) => [name, value]));
}

function write(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
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

export interface Console {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
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
  { input, output }: Console,
  known: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  let hidden = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) output.write(chunk as Buffer);
      done();
    },
  });
  // readline draws a line that is longer than the terminal anew, and has to know how long that is.
  const { columns } = output as Partial<NodeJS.WriteStream>;
  const visible = columns === undefined ? shown : Object.assign(shown, { columns });
  const reader = createInterface({ input, output: visible, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_, reject) => {
    reader.on("SIGINT", () => reject(new InterruptedError()));
    reader.on("close", () => reject(new InterruptedError()));
  });
  // Nobody waits for it any more once the last question is answered.
  ended.catch(() => {});
  const answers: Record<string, string> = { ...known };
  try {
    for (const { name, text, secret } of QUESTIONS) {
      const { variable } = SETTING_NAMES[name];
      const present = known[variable] ? ` [${secret ? "unchanged" : known[variable]}]` : "";
      // readline's own prompt: it erases whatever else stands on the line. It is written at once, so what is typed from
      // then on can be hidden.
      const asked = reader.question(`${text}${present}: `);
      hidden = secret === true;
      const answer = (await Promise.race([asked, ended])).trim();
      if (hidden) output.write("\n");
      hidden = false;
      if (answer !== "") answers[variable] = answer;
    }
    return answers;
  } finally {
    reader.close();
  }
}
