import { writeSync } from "node:fs";
import { ClientError, EXIT_CODES, type ExitCode } from "./errors";
import { fileFault } from "./files";

/** Writes a message for people to stderr: stdout is for results. */
export function say(message: string): void {
  write(2, `${harmless(message).replace(/^/gm, "oidc-s3: ")}\n`);
}

/** Tells each message once, however often it comes. */
export function onceEach(tell: (message: string) => void): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message)) return;
    told.add(message);
    tell(message);
  };
}

/** Writes a line for programs that collect logs to stderr, without the name in front. */
export function sayLine(line: string): void {
  write(2, `${harmless(line)}\n`);
}

/** Writes a result to stdout. */
export function print(text: string): void {
  write(1, `${harmless(text)}\n`);
}

/** Writes what another service sent to stdout: byte for byte, but harmless on a terminal. */
export function printBody(body: Uint8Array): void {
  if (!process.stdout.isTTY) write(1, body);
  else if (body.length > 0)
    print(
      Buffer.from(body)
        .toString("utf8")
        .replace(/\r?\n$/, ""),
    );
}

/** Writes a message to stderr as it is laid out: about a command line, in which the names of files may stand. */
export function writeMessage(text: string): void {
  write(2, harmless(text));
}

/** Characters that drive a terminal, or show text in another order than it has. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Whatever leaves this program for people or scripts, whoever wrote a part of it: what would drive a terminal becomes
 * an escape of JSON, in which a line of JSON still means the same.
 */
function harmless(text: string): string {
  return text.replace(UNSAFE, (character) => {
    if (character === "\n" || character === "\t") return character;
    const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
  });
}

/** Says what went wrong and what to do, and returns the matching exit code. */
export function tellFailure(error: unknown): ExitCode {
  if (error instanceof ClientError) {
    // Whoever read what was being written has gone, and knows it.
    if (error.code === "file_epipe") return error.exitCode;
    say(error.message);
    if (error.remedy !== undefined) say(`what to do: ${error.remedy}`);
    return error.exitCode;
  }
  say(`unexpected fault, please report it: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT_CODES.unexpected;
}

/**
 * Text of others with its control characters as escapes, and cut off at a length: neither an object's key nor a
 * service's words may drive the terminal that shows them, nor fill it.
 */
export function printable(text: string, longest = Number.POSITIVE_INFINITY): string {
  return text.slice(0, longest).replace(UNSAFE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
  });
}

/**
 * Writes text as it is. A reader that has gone is no fault: nobody is left to tell.
 * @throws {LocalError} where the standard output leads to a disk that is full, or cannot be written otherwise.
 * Without process.stdout, whose first use loads streams and sockets: a tenth of the time of a run from the cache.
 */
export function write(descriptor: number, text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  for (let offset = 0; offset < bytes.length; ) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The reader is slow, and the pipe was left non-blocking by whoever shares it.
      if (code === "EAGAIN") Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      // The reader has gone, or there is no way to tell people of it: nobody is left to tell.
      else if (code === "EPIPE" || descriptor === 2) return;
      else throw fileFault(error, "the standard output");
    }
  }
}
