import { UsageError } from "../core/errors";

/**
 * A `credential_process` line of these words. AWS's tools differ: some split it as a shell does, some hand it to a
 * shell, and some take what follows a blank and # or ; for a comment. This is what all of them read alike.
 * @throws {UsageError} for a word that cannot be written so.
 */
export function processCommand(words: readonly string[]): string {
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line can hold none
  if (/[\u0000-\u001f\u007f]/.test(word) || /(?:^|\s)[#;]/.test(word) || word === "") throw unwritable(word);
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/["\\$`!]/.test(word)) return `"${word}"`;
  if (!word.includes("'")) return `'${word}'`;
  throw unwritable(word);
}

function unwritable(word: string): UsageError {
  return new UsageError(`the path ${JSON.stringify(word)} cannot be written into an AWS config`, {
    remedy: "Use a path without quotes, control characters and # or ; after a blank",
  });
}
