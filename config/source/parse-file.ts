import { parse as parseHcl } from "@cdktf/hcl2json";
import type { Fault, KeyPath } from "./fault";
import { faultAt, lineIndex, outlineOf, type SourceFile } from "./source-file";
import { literalValues, REPORTED, type UsableValues, usableValues } from "./values";

export interface ParsedFile {
  /** Missing where the syntax is wrong. */
  readonly source?: SourceFile;
  readonly faults: readonly Fault[];
}

/**
 * Parses a file of literal values as Terraform reads it: HCL, or JSON where the name ends in `.json`.
 * @param file the name that faults are reported under
 * @param hides whether the value at a path may be a secret, which no fault shows
 */
export async function parseFile(
  file: string,
  bytes: Uint8Array,
  hides: SourceFile["hides"] = () => false,
): Promise<ParsedFile> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return { faults: [{ file, message: "is not UTF-8 text", remedy: "save it as UTF-8" }] };
  }
  return file.endsWith(".json") ? parseJsonFile(file, text, hides) : parseHclFile(file, text, hides);
}

async function parseHclFile(file: string, text: string, hides: SourceFile["hides"]): Promise<ParsedFile> {
  let rendered: Record<string, unknown>;
  try {
    rendered = await parseHcl(PLACEHOLDER, text);
  } catch (error) {
    return { faults: syntaxFaults(file, error) };
  }
  const outline = outlineOf(text, "hcl");
  const literals = literalValues(rendered);
  const { values, refused } = usableValues(literals.values);
  const blocks = outline.blocks.map((name) => [name, REPORTED]);
  const source: SourceFile = { file, values: { ...values, ...Object.fromEntries(blocks) }, outline, hides };
  return {
    source,
    faults: [
      ...duplicateFaults(source),
      ...refusedFaults(source, refused),
      ...outline.blocks.map((name) =>
        faultAt(source, [name], {
          message: "is a block, and this file may hold arguments only",
          remedy: `put an equals sign before the brace: ${name} = { … }`,
        }),
      ),
      ...literals.expressions.map(({ path, value }) =>
        faultAt(
          source,
          path,
          {
            message: "is an expression, and this file may hold literal values only",
            remedy: "write its result; to mean the characters themselves, double the sign: $${ or %%{",
          },
          value,
        ),
      ),
    ],
  };
}

function parseJsonFile(file: string, text: string, hides: SourceFile["hides"]): ParsedFile {
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
  const source: SourceFile = { file, values: usable, outline: outlineOf(text, "json"), hides };
  return { source, faults: [...duplicateFaults(source), ...refusedFaults(source, refused)] };
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
function syntaxFaults(file: string, error: unknown): Fault[] {
  const text = error instanceof Error ? error.message : String(error);
  const parts = text
    .replace(/^[^[]*\[/, "")
    .replace(/\]\s*$/, "")
    .split(DIAGNOSTIC);
  const remedy = "correct it there: strings need double quotes, and each opening brace its closing one";
  if (parts.length < 4) return [{ file, message: `cannot be read: ${text}`, remedy }];
  const faults: Fault[] = [];
  for (let index = 1; index + 2 < parts.length; index += 3) {
    const message = (parts[index + 2] ?? "").trim().replaceAll(PLACEHOLDER, file);
    faults.push({ file, line: Number(parts[index]), column: Number(parts[index + 1]), message, remedy });
  }
  return faults;
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
