import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { linePrompt, type Prompt, terminalPrompt } from "../../core/prompt";

export interface ProfileOption {
  readonly profile?: string;
}

/** Adds the option that every command for people has. */
export function addProfileOption(command: Command, description = "settings and session of this name"): Command {
  return command.option("--profile <name>", `${description} (by default "default")`);
}

export function readStdin(): string {
  return readFileSync(0, "utf8");
}

/** Runs work that asks: a person where the standard input is a terminal, else the lines of it. */
export async function prompting<T>(work: (prompt: Prompt) => Promise<T>): Promise<T> {
  const { stdin, stderr } = process;
  let terminal: Prompt | undefined;
  // A terminal that is listened to keeps this program from ending, and what is asked in a browser needs none.
  const atTerminal = (): Prompt => {
    terminal ??= terminalPrompt({ input: stdin, output: stderr });
    return terminal;
  };
  const prompt: Prompt = stdin.isTTY
    ? {
        ask: (question) => atTerminal().ask(question),
        askHidden: (question) => atTerminal().askHidden(question),
        close: () => terminal?.close(),
      }
    : linePrompt(stdin);
  try {
    return await work(prompt);
  } finally {
    prompt.close();
  }
}
