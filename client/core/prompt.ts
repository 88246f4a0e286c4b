import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";
import { InterruptedError, UsageError } from "./errors";

/** Where a person is asked. */
export interface Console {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** What answers questions; answers come as they were typed, without the line's end. */
export interface Prompt {
  /** @throws {InterruptedError} on Ctrl-C and Ctrl-D. */
  ask(question: string): Promise<string>;
  /** As {@link ask}; the answer is not shown while it is typed. */
  askHidden(question: string): Promise<string>;
  close(): void;
}

/** Asks a person at a terminal. */
export function terminalPrompt({ input, output }: Console): Prompt {
  let hidden = false;
  const shown = new Writable({
    write(chunk, _encoding, done) {
      if (!hidden) output.write(chunk as Buffer);
      done();
    },
  });
  // readline draws a line that is longer than the terminal anew, and has to know how long that is.
  const { columns } = output as Partial<NodeJS.WriteStream>;
  const visible = columns === undefined ? shown : Object.assign(shown, { columns });
  const reader = createInterface({ input, output: visible, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_, reject) => {
    reader.on("SIGINT", () => reject(new InterruptedError()));
    reader.on("close", () => reject(new InterruptedError()));
  });
  // Nobody waits for it any more once the last question is answered.
  ended.catch(() => {});
  const ask = async (question: string, isHidden: boolean): Promise<string> => {
    // readline's own prompt: it erases whatever else stands on the line. It is written at once, so what is typed from
    // then on can be hidden.
    const asked = reader.question(question);
    hidden = isHidden;
    try {
      return await Promise.race([asked, ended]);
    } finally {
      if (hidden) output.write("\n");
      hidden = false;
    }
  };
  return {
    ask: (question) => ask(question, false),
    askHidden: (question) => ask(question, true),
    close: () => reader.close(),
  };
}

/** Takes the answers from lines as they come, in the order in which they are asked for: the standard input of a script. */
export function linePrompt(input: NodeJS.ReadableStream): Prompt {
  // Listened to from the first question on: what nobody asks for must not keep this program from ending.
  let reader: Interface | undefined;
  let lines: AsyncIterator<string> | undefined;
  const next = async (question: string): Promise<string> => {
    reader ??= createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
    lines ??= reader[Symbol.asyncIterator]();
    const { value = "" } = await lines.next();
    if (value !== "") return value;
    throw new UsageError(`the standard input has no line for "${question.replace(/:\s*$/, "")}"`, {
      remedy: "Give each answer on a line of its own, or run this at a terminal",
    });
  };
  return { ask: next, askHidden: next, close: () => reader?.close() };
}
