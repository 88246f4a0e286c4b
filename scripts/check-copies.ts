import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { allowClosedPipe } from "../terminal/closed-pipe";

const PROJECT = join(__dirname, "..");
/** So many lines that stand twice are one thing with two homes. */
const MOST_LINES_ALIKE = 5;

export interface SourceText {
  readonly path: string;
  readonly text: string;
}

interface Line {
  readonly number: number;
  readonly text: string;
}

interface Place {
  readonly path: string;
  readonly lines: readonly Line[];
  readonly index: number;
}

/**
 * The places that share more than five lines with another, or with themselves: the same words, however far they are
 * indented. What every file has does not count: imports, comments, blank lines, and lines of brackets alone.
 */
export function copies(sources: readonly SourceText[]): string[] {
  const seen = new Map<string, Place>();
  const faults: string[] = [];
  for (const { path, text } of sources) {
    const lines = countedLines(text);
    for (let index = 0; index + MOST_LINES_ALIKE < lines.length; index++) {
      const run = lines.slice(index, index + MOST_LINES_ALIKE + 1);
      const key = run.map((line) => line.text).join("\n");
      const first = seen.get(key);
      if (first === undefined) {
        seen.set(key, { path, lines, index });
        continue;
      }
      const length = sharedLength(first, { path, lines, index });
      faults.push(`${range(first, length)} stands again in ${range({ path, lines, index }, length)}`);
      index += length - 1;
    }
  }
  return faults;
}

function countedLines(text: string): Line[] {
  const blank = (part: string) => part.replace(/[^\n]/g, "");
  return text
    .replace(/\/\*[\s\S]*?\*\//g, blank)
    .replace(/^import\b[\s\S]*?;$/gm, blank)
    .split("\n")
    .map((line, index) => ({ number: index + 1, text: line.replace(/^\s*\/\/.*/, "").trim() }))
    .filter((line) => /\w/.test(line.text));
}

function sharedLength(first: Place, second: Place): number {
  let length = 0;
  for (;;) {
    const [a, b] = [first.lines[first.index + length], second.lines[second.index + length]];
    if (a === undefined || b === undefined || a.text !== b.text) return length;
    length += 1;
  }
}

function range({ path, lines, index }: Place, length: number): string {
  return `${path}:${lines[index]?.number}-${lines[index + length - 1]?.number}`;
}

const SKIPPED = /^(\..*|node_modules|dist|cdktf\.out|coverage|fixtures)$/;

function sourcesIn(folder: string): SourceText[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !SKIPPED.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourcesIn(path);
      return /\.(ts|mjs|js)$/.test(path) ? [{ path: relative(PROJECT, path), text: readFileSync(path, "utf8") }] : [];
    });
}

if (require.main === module) {
  allowClosedPipe();
  for (const fault of copies(sourcesIn(PROJECT))) {
    console.error(`no-copies: ${fault} (write it once, where all its users may import it)`);
    process.exitCode = 1;
  }
}
