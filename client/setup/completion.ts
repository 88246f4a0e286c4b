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
  /** Those of a group, as `user` is; it has nothing else then. */
  readonly commands: readonly CommandWords[];
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
    commands: commandWords(command),
  }));
}

function valueKind(option: Option): "none" | "path" | "word" {
  if (!option.required && !option.optional) return "none";
  return /<(?:file|folder|path)/i.test(option.flags) ? "path" : "word";
}

/** For bash; `source <(oidc-s3 completion bash)`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# bash completion of oidc-s3
_oidc_s3() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
${bashLevel(commands, 1, "help --help --version")}
}
complete -F _oidc_s3 oidc-s3
`;
}

/** What completes the word at a depth, and what comes behind it. */
function bashLevel(commands: readonly CommandWords[], depth: number, more: string): string {
  const cases = commands.map(({ name, options, files, commands: inner }) => {
    if (inner.length > 0) return `    ${name})\n${bashLevel(inner, depth + 1, "help --help")} ;;`;
    const paths = options.filter(({ value }) => value === "path").map(({ flag }) => flag);
    const words = options.filter(({ value }) => value === "word").map(({ flag }) => flag);
    return `    ${name})
      case "$previous" in
        ${paths.join("|") || "''"}) compopt -o default; return ;;
        ${words.join("|") || "''"}) return ;;
      esac
      if [[ $current == -* ]]; then COMPREPLY=($(compgen -W '${options.map(({ flag }) => flag).join(" ")} --help' -- "$current"))
      ${files ? "else compopt -o default" : "else :"}
      fi ;;`;
  });
  return `  if [[ $COMP_CWORD -eq ${depth} ]]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")} ${more}' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[${depth}]}" in
${cases.join("\n")}
  esac`;
}

/** For zsh; as the file _oidc-s3 in a folder of $fpath. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef oidc-s3
_oidc_s3() {
${zshLevel(commands)}
}
_oidc_s3 "$@"
`;
}

function zshLevel(commands: readonly CommandWords[]): string {
  const list = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, files, commands: inner }) => {
    if (inner.length > 0) return `      (${name})\n${zshLevel(inner)} ;;`;
    const specifications = options.map(({ flag, description, value }) => {
      const text = `[${description.replace(/[[\]:]/g, "\\$&")}]`;
      return `        ${quoted(`${flag}${text}${value === "none" ? "" : value === "path" ? ":file:_files" : ":value: "}`)}`;
    });
    if (files) specifications.push("        '*:file:_files'");
    return `      (${name})\n        _arguments \\\n${specifications.join(" \\\n")} ;;`;
  });
  return `  local -a commands
  commands=(
${list.join("\n")}
  )
  local line state
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    (command) _describe command commands ;;
    (rest)
      case $line[1] in
${cases.join("\n")}
      esac ;;
  esac`;
}

/** For fish; as the file oidc-s3.fish in ~/.config/fish/completions. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const groups = commands.filter(({ commands: inner }) => inner.length > 0);
  // A group has commands of names that stand by themselves as well.
  const outside = groups.map(({ name }) => `; and not __fish_seen_subcommand_from ${name}`).join("");
  const lines = ["complete -c oidc-s3 -n __fish_use_subcommand -f"];
  for (const command of commands) {
    const { name, description, commands: inner } = command;
    lines.push(`complete -c oidc-s3 -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`);
    const seen = `__fish_seen_subcommand_from ${name}`;
    if (inner.length === 0) lines.push(...fishOptions(command, `${seen}${outside}`));
    for (const one of inner) {
      const none = `${seen}; and not __fish_seen_subcommand_from ${inner.map((each) => each.name).join(" ")}`;
      lines.push(`complete -c oidc-s3 -n ${quoted(none)} -f -a ${one.name} -d ${quoted(one.description)}`);
      lines.push(...fishOptions(one, `${seen}; and __fish_seen_subcommand_from ${one.name}`));
    }
  }
  return `# fish completion of oidc-s3\n${lines.join("\n")}\n`;
}

function fishOptions({ options, files }: CommandWords, condition: string): string[] {
  const seen = `-n ${quoted(condition)}`;
  return [
    ...(files ? [] : [`complete -c oidc-s3 ${seen} -f`]),
    ...options.map(({ flag, description, value }) => {
      const argument = value === "none" ? "" : value === "path" ? " -r -F" : " -x";
      return `complete -c oidc-s3 ${seen} -l ${flag.slice(2)}${argument} -d ${quoted(description)}`;
    }),
  ];
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
