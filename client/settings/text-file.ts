import { closeSync, fstatSync, openSync, readFileSync, type Stats } from "node:fs";

/** What a file of settings or of a secret holds, or why it cannot be read. */
export interface TextFile {
  readonly text?: string;
  readonly status?: Stats;
  readonly fault?: string;
}

const PIPES = Symbol.for("oidc-s3: what pipes held");
/**
 * What was read from pipes, which give it once: a service reads its settings anew for each renewal, and the code that
 * answers from the cache, a bundle of its own, has read them before the whole program does.
 */
const shared = globalThis as { [PIPES]?: Map<string, TextFile> };
const pipes = shared[PIPES] ?? new Map<string, TextFile>();
shared[PIPES] = pipes;

/** Opens once for both status and content, so that they belong to the same file. */
export function readText(path: string): TextFile {
  const held = pipes.get(path);
  if (held) return held;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const file = { text: readFileSync(descriptor, "utf8"), status: fstatSync(descriptor) };
    if (!file.status.isFile()) pipes.set(path, file);
    return file;
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

/** What a file is that no line of it can be read as a setting; undefined for text. */
export function notText(text: string): string | undefined {
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

/** The lines of a text that were not understood, for people: their numbers, and what they look like instead. */
export function oddLines(text: string, numbers: readonly number[]): string[] {
  const lines = text.split(/\r?\n/);
  return numbers.map((number) => `${number}${oddity(lines[number - 1] ?? "")}`);
}
