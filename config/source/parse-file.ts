import { parse as parseHcl } from "@cdktf/hcl2json";
import type { Fault, KeyPath } from "./fault";
import { keyInParentheses } from "./scanner";
import { faultAt, lineIndex, outlineOf, type SourceFile } from "./source-file";
import { BLOCK, literalValues, type UsableValues, usableValues, wholeExpression } from "./values";

export interface ParsedFile {
  /** Missing where the syntax is wrong. */
  readonly source?: SourceFile;
  readonly faults: readonly Fault[];
}

/**
 * Parses a file of literal values as Terraform reads it: HCL, or JSON where the name ends in `.json`.
 * @param file the name that faults are reported under
 * @param rules of the file's keys: which values may be secrets, and which parts of paths are names that users choose
 */
export async function parseFile(
  file: string,
  bytes: Uint8Array,
  { hides = () => false, isName = () => false }: Partial<Pick<SourceFile, "hides" | "isName">> = {},
): Promise<ParsedFile> {
  const rules = { hides, isName };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { faults: [{ file, message: "is not UTF-8 text", remedy: "save it as UTF-8" }] };
  }
  return file.endsWith(".json") ? parseJsonFile(file, text, rules) : parseHclFile(file, text, rules);
}

type Rules = Pick<SourceFile, "hides" | "isName">;

async function parseHclFile(file: string, text: string, rules: Rules): Promise<ParsedFile> {
  let rendered: Record<string, unknown>;
  try {
    rendered = await parseHcl(PLACEHOLDER, text);
  } catch (error) {
    return { faults: syntaxFaults(file, text, error) };
  }
  const outline = outlineOf(text, "hcl");
  const literals = literalValues(rendered, keyInParentheses);
  const { values, refused } = usableValues(literals.values);
  const blocks = outline.blocks.map((name) => [name, BLOCK]);
  const source: SourceFile = { file, values: { ...values, ...Object.fromEntries(blocks) }, outline, ...rules };
  return {
    source,
    faults: [
      ...duplicateFaults(source),
      ...refusedFaults(source, refused),
      ...literals.expressions.map(({ path, value }) => expressionFault(source, path, value)),
    ],
  };
}

function parseJsonFile(file: string, text: string, rules: Rules): ParsedFile {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const remedy = "correct it there: JSON has no comments and no comma after the last entry";
    return { faults: [{ file, ...lineIndex(text)(jsonErrorOffset(text, message)), message, remedy }] };
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return { faults: [{ file, line: 1, column: 1, message: "is not a JSON object", remedy: "begin it with {" }] };
  }
  // Terraform passes over the top-level key "//" of a JSON file, where people keep comments.
  const { "//": _comment, ...rest } = values as Record<string, unknown>;
  const { values: usable, refused } = usableValues(rest);
  const source: SourceFile = { file, values: usable, outline: outlineOf(text, "json"), ...rules };
  return { source, faults: [...duplicateFaults(source), ...refusedFaults(source, refused)] };
}

function expressionFault(source: SourceFile, path: KeyPath, rendered: string): Fault {
  const written = wholeExpression(rendered);
  const remedy =
    written !== undefined && /^(yes|no|on|off|true|false)$/i.test(written)
      ? "write true or false, in small letters"
      : written !== undefined && /^[\w-]+$/.test(written)
        ? "write it in double quotes, if that is the value; else write its result"
        : "write its result; to mean the characters themselves, double the sign: $${ or %%{";
  const message = "is an expression, and this file may hold literal values only";
  const fault = faultAt(source, path, { message, remedy }, rendered);
  return written === undefined || fault.value === undefined ? fault : { ...fault, written };
}

function refusedFaults(source: SourceFile, refused: UsableValues["refused"]): Fault[] {
  return refused.map(({ path, problem, value }) => faultAt(source, path, problem, value));
}

function duplicateFaults(source: SourceFile): Fault[] {
  return source.outline.duplicates.map((path: KeyPath) =>
    faultAt(source, path, {
      message: "appears twice, and only the last one would count",
      remedy: "remove or rename one of them",
    }),
  );
}

// A name of one word that no message holds by chance: the parser writes it before each position.
const PLACEHOLDER = "oidc-s3-file";
const DIAGNOSTIC = new RegExp(`${PLACEHOLDER}:(\\d+),(\\d+)-[\\d,]+: `);

/** The parser joins its messages into one text: `[file:line,column-column: summary; detail. file:…]`. */
function syntaxFaults(file: string, text: string, error: unknown): Fault[] {
  const said = error instanceof Error ? error.message : String(error);
  const parts = said
    .replace(/^[^[]*\[/, "")
    .replace(/\]\s*$/, "")
    .split(DIAGNOSTIC);
  if (parts.length < 4) return [{ file, message: `cannot be read: ${said}`, remedy: "correct it" }];
  const faults: Fault[] = [];
  for (let index = 1; index + 2 < parts.length; index += 3) {
    const message = (parts[index + 2] ?? "").trim().replaceAll(PLACEHOLDER, file);
    const line = Number(parts[index]);
    faults.push({ file, line, column: Number(parts[index + 1]), message, remedy: syntaxRemedy(message, text, line) });
  }
  // Of several things said of one place the first is the cause.
  return faults.filter(
    ({ line, column }, index) => faults.findIndex((other) => other.line === line && other.column === column) === index,
  );
}

/** By the summaries of HCL's own parser: https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser.go */
const SYNTAX_REMEDIES: readonly (readonly [summary: string, remedy: string])[] = [
  ["Attribute redefined", "remove one of the two"],
  ["Argument or block definition required", "write key = value there, the key without quotes"],
  ["Missing attribute separator", "put a comma there, or begin a new line"],
  ["Invalid character; Single quotes", "write double quotes in place of the single ones"],
  ["Invalid multi-line string", "close the string on its own line with a double quote"],
  ["Unterminated template string", "close the string with a double quote"],
  ["Invalid escape sequence", 'double the backslash, "\\\\", to mean the character itself'],
  ["Missing expression; Expected the start of an expression, but found the end", "close the brace that is still open"],
];

function syntaxRemedy(message: string, text: string, line: number): string {
  const unequal = message.startsWith("Invalid argument name") ? openedBlock(text, line) : undefined;
  if (unequal !== undefined) return `put an equals sign before the brace of line ${unequal.line}: ${unequal.name} = {`;
  const known = SYNTAX_REMEDIES.find(([summary]) => message.startsWith(summary))?.[1];
  return known ?? "correct it there: strings need double quotes, and each opening brace its closing one";
}

/** The nearest `name {` above a line: HCL takes what is in it for arguments, whose names have no quotes. */
function openedBlock(text: string, line: number): { readonly name: string; readonly line: number } | undefined {
  const lines = text.split("\n").slice(0, line);
  for (let index = lines.length - 1; index >= 0; index--) {
    const name = /^\s*([\w-]+)\s*\{/.exec(lines[index] ?? "")?.[1];
    if (name !== undefined) return { name, line: index + 1 };
  }
  return undefined;
}

/**
 * Where a JSON text breaks off being JSON. Some of the engine's messages name no position: "Unexpected token" comes for
 * every text that includes the token and for none that ends before it, which halving finds in a few parses.
 * @param message what `JSON.parse` said of the text
 */
function jsonErrorOffset(text: string, message: string): number {
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (!isUnexpectedToken(message)) return text.length;
  let [before, including] = [0, text.length];
  while (including - before > 1) {
    const middle = (before + including) >> 1;
    if (endsPastUnexpectedToken(text.slice(0, middle))) including = middle;
    else before = middle;
  }
  return before;
}

function endsPastUnexpectedToken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    return isUnexpectedToken(String(error));
  }
}

function isUnexpectedToken(message: string): boolean {
  return message.includes("Unexpected token");
}
