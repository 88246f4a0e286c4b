import type { Command, Option } from "commander";

/** What a shell needs to know of one command. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly {
    readonly flag: string;
    readonly description: string;
    /** What follows the flag: nothing, a path that the shell completes, or a word that it cannot know. */
    readonly value: "none" | "path" | "word";
  }[];
  /** Whether its arguments are files of this machine. */
  readonly files: boolean;
}

/** What there is to complete, from the same definitions that the help is made of. */
export function commandWords(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options
      .filter((option) => option.long !== undefined)
      .map((option) => ({ flag: option.long ?? "", description: option.description, value: valueKind(option) })),
    files: command.registeredArguments.some((argument) => /file|dest|outputs/i.test(argument.name())),
  }));
}

function valueKind(option: Option): "none" | "path" | "word" {
  if (!option.required && !option.optional) return "none";
  return /<(?:file|folder|path)/i.test(option.flags) ? "path" : "word";
}
