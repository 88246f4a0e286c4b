import { SettingsError } from "../core/errors";

/** The settings with their names in the environment and in settings files, and as flags. The secret has no flag. */
export const SETTING_NAMES = {
  idpType: { variable: "IDP_TYPE" },
  domain: { variable: "COGNITO_DOMAIN", flag: "--domain" },
  clientId: { variable: "COGNITO_CLIENT_ID", flag: "--client-id" },
  clientSecret: { variable: "COGNITO_CLIENT_SECRET" },
  clientSecretFile: { variable: "COGNITO_CLIENT_SECRET_FILE" },
  resourceServer: { variable: "COGNITO_RESOURCE_SERVER", flag: "--resource-server" },
  credentialApiUrl: { variable: "COGNITO_CREDENTIAL_API_URL", flag: "--credential-api-url" },
  tokenEndpoint: { variable: "COGNITO_TOKEN_ENDPOINT", flag: "--token-endpoint" },
  region: { variable: "AWS_REGION", flag: "--region" },
  bucket: { variable: "S3_BUCKET", flag: "--bucket" },
  prefix: { variable: "S3_PATH_PREFIX", flag: "--prefix" },
} as const satisfies Record<string, { variable: string; flag?: string }>;

export type SettingName = keyof typeof SETTING_NAMES;

/** The settings that have a flag; the secret is not among them: a command line is seen by every user of a machine. */
export const FLAG_NAMES = [
  "domain",
  "clientId",
  "resourceServer",
  "credentialApiUrl",
  "tokenEndpoint",
  "region",
  "bucket",
  "prefix",
] as const satisfies readonly SettingName[];
export type FlagName = (typeof FLAG_NAMES)[number];

export interface SettingsFile {
  /** Values by name; the last where a name occurs twice, as in systemd and shells. */
  readonly values: ReadonlyMap<string, { readonly value: string; readonly line?: number }>;
  /** Numbers of the lines that are no assignment. The lines themselves may hold secrets and are not kept. */
  readonly oddLines: readonly number[];
}

/** The content of a settings file, or what is to become one, with the name of its place for people. */
export interface NamedContent {
  readonly path: string;
  readonly content: SettingsFile;
}

/** Where something stands in such a content. */
export function lineOf(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}, line ${line}`;
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=[ \t]*/;
const COMMENT_OR_BLANK = /^\s*(?:[#;].*)?$/;

/**
 * Reads the lines of a settings file: what systemd accepts as an EnvironmentFile (systemd.exec(5)) and the
 * `export NAME="value"` lines of a shell alike. Nothing is expanded or run: `$` and backticks stand for themselves.
 */
export function parseSettingsFile(text: string): SettingsFile {
  const values = new Map<string, { value: string; line: number }>();
  const oddLines: number[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = index + 1;
    let content = lines[index] ?? "";
    if (COMMENT_OR_BLANK.test(content)) continue;
    // A backslash at the end of a line joins the next one to it, in systemd and in shells.
    while (/(?:^|[^\\])(?:\\\\)*\\$/.test(content) && index + 1 < lines.length) {
      index++;
      content = content.slice(0, -1) + (lines[index] ?? "");
    }
    const assignment = ASSIGNMENT.exec(content);
    const value = assignment ? unquote(content.slice(assignment[0].length)) : undefined;
    if (assignment?.[1] === undefined || value === undefined) oddLines.push(line);
    else values.set(assignment[1], { value, line });
  }
  return { values, oddLines };
}

/** The value of an assignment's right-hand side; undefined where a quote is not closed or something follows it. */
function unquote(raw: string): string | undefined {
  const quote = raw[0];
  if (quote !== '"' && quote !== "'") return unescaped(raw.replace(/\s+#.*$/, "").trimEnd());
  const quoted = quote === '"' ? /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(raw) : /^'([^']*)'\s*(?:#.*)?$/.exec(raw);
  if (quoted?.[1] === undefined) return undefined;
  // Within double quotes a backslash escapes only these; before others it stands for itself.
  return quote === '"' ? quoted[1].replace(/\\(["\\$`])/g, "$1") : quoted[1];
}

function unescaped(raw: string): string {
  return raw.replace(/\\(.)/g, "$1");
}

/** In the order in which people look for them. */
const ORDER: readonly string[] = Object.values(SETTING_NAMES).map(({ variable }) => variable);

/**
 * A settings file of these values, in the form that systemd (EnvironmentFile=), shells (`set -a; . FILE`) and this
 * client read alike.
 * @throws {SettingsError} for a value that has no such form.
 */
export function settingsFileText(values: Readonly<Record<string, string>>, title: string): string {
  const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  const names = Object.keys(values).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const faults = names.filter((name) => /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(values[name] ?? ""));
  if (faults.length > 0) {
    throw new SettingsError(faults.map((name) => `${name} holds a line end or another control character`));
  }
  const lines = names.filter((name) => values[name] !== "").map((name) => `${name}=${quoted(values[name] ?? "")}`);
  return `# ${title.replace(/[^\x20-\x7e]/g, "?")}\n${lines.join("\n")}\n`;
}

/** Within double quotes systemd and shells give a meaning to the same four characters. */
function quoted(value: string): string {
  return `"${value.replace(/["\\$`]/g, "\\$&")}"`;
}
