import { closeSync, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { foreignWriter } from "../core/writers";
import { type FlagName, parseSettingsFile, SETTING_NAMES, type SettingName, type SettingsFile } from "./settings-file";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value and where it was found. */
export interface Found {
  readonly value: string;
  readonly source: string;
  /** The settings file it came from, if any. */
  readonly file?: string;
}

/** systemd's name for the secret as a credential: `LoadCredential=cognito-client-secret:/path`. */
const SYSTEMD_CREDENTIAL = "cognito-client-secret";
/** Where Docker and Kubernetes mount secrets: readable by all within the container, and by nobody outside. */
const MOUNTED_SECRETS = /^(?:\/var)?\/run\/secrets\//;

/** The places that settings come from, in the order they are added; each setting is taken from the first that has it. */
export class SettingsSources {
  readonly faults: string[] = [];
  /** Whether a file that was named explicitly could not be read. */
  namedFileFault = false;
  readonly #flags = new Map<SettingName, Found>();
  readonly #files: { readonly path: string; readonly content: SettingsFile }[] = [];
  readonly #notes: string[] = [];

  constructor(
    private readonly env: Environment,
    private readonly warn: (message: string) => void,
  ) {}

  addFlag(name: FlagName, value: string | undefined): void {
    if (value !== undefined) this.#flags.set(name, { value, source: `flag ${SETTING_NAMES[name].flag}` });
  }

  addEnvironment(): void {
    this.#notes.push("the environment");
  }

  /** A file that was named explicitly: it must exist. */
  addFile(path: string, namedBy: string): void {
    const fault = this.#read(path);
    if (!fault) return;
    this.namedFileFault = true;
    this.faults.push(`the settings file ${path} (named by ${namedBy}) ${fault}`);
  }

  addFileIfThere(path: string): void {
    const fault = this.#read(path);
    if (fault) this.#notes.push(`${path} (which ${fault})`);
  }

  /** For the message on missing settings: every place that was searched, with what kept it from helping. */
  lookedIn(): string {
    return this.#notes.join(", ");
  }

  find(name: SettingName): Found | undefined {
    const flag = this.#flags.get(name);
    if (flag) return flag.value === "" ? undefined : flag;
    return this.#findVariable(SETTING_NAMES[name].variable);
  }

  /** Where a variable stands and has no value, for the message on missing settings. */
  emptyAt(variable: string): string | undefined {
    for (const { path, content } of this.#files) {
      const entry = content.values.get(variable);
      if (entry?.value === "") return `${path}, line ${entry.line}`;
    }
    return this.env[variable] === "" ? "the environment" : undefined;
  }

  /** The first of the variables that has a value, in the environment or a settings file. */
  variable(...names: readonly string[]): (Found & { readonly name: string }) | undefined {
    for (const name of names) {
      const found = this.#findVariable(name);
      if (found) return { ...found, name };
    }
    return undefined;
  }

  /** The secret: from the environment, a file that the environment names, systemd, or a settings file, in this order. */
  findSecret(): Found | undefined {
    const { COGNITO_CLIENT_SECRET: value, COGNITO_CLIENT_SECRET_FILE: file, CREDENTIALS_DIRECTORY: systemd } = this.env;
    if (value) return { value: value.trim(), source: "environment variable COGNITO_CLIENT_SECRET" };
    if (file) return this.#secretFile(file, "environment variable COGNITO_CLIENT_SECRET_FILE");
    if (systemd) {
      const path = `${systemd}/${SYSTEMD_CREDENTIAL}`;
      const content = readText(path);
      if (content.text?.trim())
        return { value: content.text.trim(), source: `systemd credential ${SYSTEMD_CREDENTIAL}` };
      this.#notes.push(`${path} (which ${content.fault ?? "is empty"})`);
    }
    for (const { path, content } of this.#files) {
      const inLine = content.values.get("COGNITO_CLIENT_SECRET");
      if (inLine?.value) return this.#ofOneServer({ ...inLine, source: `${path}, line ${inLine.line}`, file: path });
      const named = content.values.get("COGNITO_CLIENT_SECRET_FILE");
      if (named?.value) return this.#secretFile(named.value, `${path}, line ${named.line}`);
    }
    return undefined;
  }

  /** Where each setting was found, for people. */
  describe(secret: Found | undefined): Partial<Record<SettingName, string>> {
    const found: Partial<Record<SettingName, string>> = {};
    for (const name of Object.keys(SETTING_NAMES) as SettingName[]) {
      const source = name === "clientSecret" ? secret?.source : this.find(name)?.source;
      if (source !== undefined) found[name] = source;
    }
    return found;
  }

  #findVariable(variable: string): Found | undefined {
    const value = this.env[variable];
    if (value) return { value, source: `environment variable ${variable}` };
    for (const { path, content } of this.#files) {
      const entry = content.values.get(variable);
      if (entry?.value) return { value: entry.value, source: `${path}, line ${entry.line}`, file: path };
    }
    return undefined;
  }

  #read(path: string): string | undefined {
    const { text, status, fault } = readText(path);
    if (text === undefined) return fault;
    const kind = notText(text);
    if (kind) return `is ${kind}, not lines of NAME="value"`;
    const content = parseSettingsFile(text);
    this.#checkAccess(path, status, content.values.has("COGNITO_CLIENT_SECRET"));
    this.#files.push({ path, content });
    const lines = text.split(/\r?\n/);
    const odd = content.oddLines.map((line) => `${line}${oddity(lines[line - 1] ?? "")}`).join(", ");
    this.#notes.push(odd === "" ? path : `${path} (not understood in it: line ${odd}; write NAME="value")`);
    return undefined;
  }

  #secretFile(path: string, namedBy: string): Found | undefined {
    const { text, status, fault } = readText(path);
    const value = text?.trim();
    if (!value) {
      this.faults.push(`the secret's file ${path} (named by ${namedBy}) ${fault ?? "is empty"}`);
      return { value: "", source: path };
    }
    if (!MOUNTED_SECRETS.test(path)) this.#checkAccess(path, status, true);
    return { value, source: path };
  }

  /**
   * A file that others could change is rejected, whatever is in it: one line of it sends the secret, wherever that
   * stands, to a token endpoint of theirs. One with a secret that everyone can read is warned about, not rejected:
   * installations of the original Terraform modules must go on working. One that a group can read is fine: a log
   * shipper gets at it that way.
   */
  #checkAccess(path: string, status: Stats | undefined, holdsSecret: boolean): void {
    if (status === undefined) return;
    const writer = foreignWriter(path, status);
    if (writer) {
      const { fault, remedy } = writer;
      this.faults.push(`${path} is not used, since others could have the secret sent to them: ${fault}: ${remedy}`);
    } else if (holdsSecret && status.mode & 0o004)
      this.warn(`${path} holds a secret and can be read by every user: chmod 0600 ${path}`);
  }

  /** Client id and secret belong together: from two files they would be of two servers. */
  #ofOneServer(secret: Found): Found {
    const clientId = this.find("clientId");
    if (clientId?.file !== undefined && clientId.file !== secret.file) {
      this.faults.push(
        `COGNITO_CLIENT_ID is from ${clientId.source}, but its secret from ${secret.source}: put both in one file`,
      );
    }
    return secret;
  }
}

/** What a file is that no line of it can be read as a setting; undefined for text. */
function notText(text: string): string | undefined {
  if (!text.includes("\0")) return undefined;
  // What Windows' editors call Unicode: each ASCII character has a zero beside it. Its mark is no valid UTF-8.
  return /^\ufffd\ufffd/.test(text) ? "in UTF-16 (save it as UTF-8)" : "a binary file";
}

/** What a line that is no setting looks like instead; it is not shown, since it may hold the secret. */
function oddity(line: string): string {
  if (/^\s*(?:export\s+)?\w+\s*=\s*["']/.test(line)) return " (a quote is not closed, or something follows it)";
  if (/^\s*(?:- )?[\w.-]+\s*:(?:\s|$)|^---\s*$/.test(line)) return " (YAML)";
  if (/^\s*[{}[\]"]/.test(line)) return " (JSON)";
  return "";
}

/** Opens once for both status and content, so that they belong to the same file. */
function readText(path: string): { text?: string; status?: Stats; fault?: string } {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    return { text: readFileSync(descriptor, "utf8"), status: fstatSync(descriptor) };
  } catch (error) {
    return { fault: readFault(error) };
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function readFault(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist";
  if (code === "EACCES") return `exists, but this user (uid ${process.getuid?.() ?? "unknown"}) may not read it`;
  if (code === "EISDIR") return "is a folder";
  return `cannot be read: ${code ?? String(error)}`;
}
