import type { Stats } from "node:fs";
import { foreignWriter } from "../core/writers";
import {
  type FlagName,
  lineOf,
  type NamedContent,
  parseSettingsFile,
  SETTING_NAMES,
  type SettingName,
} from "./settings-file";
import { notText, oddLines, readText } from "./text-file";
import { mentionsKnown, type UnknownNames, unknownNames } from "./unknown-names";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value and where it was found. */
export interface Found {
  readonly value: string;
  readonly source: string;
  /** The settings file it came from, if any. */
  readonly file?: string;
}

/** A setting as messages name it: its name, and where it stands. */
export function settingAt(variable: string, source: string | undefined): string {
  if (source === undefined) return variable;
  if (source === environmentVariable(variable)) return `${variable} (in the environment)`;
  return source.startsWith("flag ") ? source.slice("flag ".length) : `${variable} (${source})`;
}

function environmentVariable(name: string): string {
  return `environment variable ${name}`;
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
  readonly #files: NamedContent[] = [];
  readonly #notes: string[] = [];
  readonly #oddLines: string[] = [];

  constructor(
    private readonly env: Environment,
    private readonly warn: (message: string) => void,
  ) {}

  addFlag(name: FlagName, value: string | undefined): void {
    if (value !== undefined) this.#flags.set(name, { value, source: `flag ${SETTING_NAMES[name].flag}` });
  }

  addEnvironment(): void {
    const person = this.#isOfPerson("COGNITO_CLIENT_ID") && this.env.COGNITO_CLIENT_ID;
    this.#notes.push(
      person
        ? "the environment (whose COGNITO_CLIENT_ID is a person's, since COGNITO_USER_POOL_ID stands beside it)"
        : "the environment",
    );
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

  /** What is not in a file yet. */
  addContent(named: NamedContent): void {
    this.#files.push(named);
    this.#notes.push(named.path);
  }

  /** For the message on missing settings: every place that was searched, with what kept it from helping. */
  lookedIn(): string {
    return this.#notes.join(", ");
  }

  /** Names that are no settings, and lines that would have been some. */
  unknown(): UnknownNames & { readonly oddLines: readonly string[] } {
    return { ...unknownNames(this.#files, this.env), oddLines: this.#oddLines };
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
      if (entry?.value === "") return lineOf(path, entry.line);
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
    if (value) return { value: value.trim(), source: environmentVariable("COGNITO_CLIENT_SECRET") };
    if (file) return this.#secretFile(file, environmentVariable("COGNITO_CLIENT_SECRET_FILE"));
    if (systemd) {
      const path = `${systemd}/${SYSTEMD_CREDENTIAL}`;
      const content = readText(path);
      if (content.text?.trim())
        return { value: content.text.trim(), source: `systemd credential ${SYSTEMD_CREDENTIAL}` };
      this.#notes.push(`${path} (which ${content.fault ?? "is empty"})`);
    }
    for (const { path, content } of this.#files) {
      const inLine = content.values.get("COGNITO_CLIENT_SECRET");
      if (inLine?.value) return this.#ofOneServer({ ...inLine, source: lineOf(path, inLine.line), file: path });
      const named = content.values.get("COGNITO_CLIENT_SECRET_FILE");
      if (named?.value) return this.#secretFile(named.value, lineOf(path, named.line));
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
    if (value && !this.#isOfPerson(variable)) return { value, source: environmentVariable(variable) };
    for (const { path, content } of this.#files) {
      const entry = content.values.get(variable);
      if (entry?.value) return { value: entry.value, source: lineOf(path, entry.line), file: path };
    }
    return undefined;
  }

  /** `user` reads the same name: beside a user pool's id, and without a secret, it names the client of people. */
  #isOfPerson(variable: string): boolean {
    const { COGNITO_USER_POOL_ID: pool, COGNITO_CLIENT_SECRET: secret, COGNITO_CLIENT_SECRET_FILE: file } = this.env;
    return variable === "COGNITO_CLIENT_ID" && Boolean(pool) && !secret && !file;
  }

  #read(path: string): string | undefined {
    const { text, status, fault } = readText(path);
    if (text === undefined) return fault;
    const kind = notText(text);
    if (kind) return `is ${kind}, not lines of NAME="value"`;
    const content = parseSettingsFile(text);
    this.#checkAccess(path, status, content.values.has("COGNITO_CLIENT_SECRET"));
    this.#files.push({ path, content });
    const odd = oddLines(text, content.oddLines).join(", ");
    const lines = text.split(/\r?\n/);
    const ours = content.oddLines.filter((line) => mentionsKnown(lines[line - 1] ?? ""));
    this.#oddLines.push(
      ...oddLines(text, ours).map((line) => `${path}, line ${line}, is not understood; write NAME="value"`),
    );
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
