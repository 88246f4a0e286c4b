export interface SettingsFile {
  /** Values by name; of a name that stands twice the last, as systemd and shells have it. */
  readonly values: ReadonlyMap<string, { readonly value: string; readonly line: number }>;
  /** Numbers of the lines that are no assignment. The lines themselves may hold secrets and are not kept. */
  readonly oddLines: readonly number[];
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
