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

/** For bash; `source <(oidc-s3 completion bash)`. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, options, files }) => {
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
  return `# bash completion of oidc-s3
_oidc_s3() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(" ")} help --help --version' -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
}
complete -F _oidc_s3 oidc-s3
`;
}

/** For zsh; as the file _oidc-s3 in a folder of $fpath. */
export function zshCompletion(commands: readonly CommandWords[]): string {
  const list = commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`);
  const cases = commands.map(({ name, options, files }) => {
    const specifications = options.map(({ flag, description, value }) => {
      const text = `[${description.replace(/[[\]:]/g, "\\$&")}]`;
      return `        ${quoted(`${flag}${text}${value === "none" ? "" : value === "path" ? ":file:_files" : ":value: "}`)}`;
    });
    if (files) specifications.push("        '*:file:_files'");
    return `      (${name})\n        _arguments \\\n${specifications.join(" \\\n")} ;;`;
  });
  return `#compdef oidc-s3
_oidc_s3() {
  local -a commands
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
  esac
}
_oidc_s3 "$@"
`;
}

/** For fish; as the file oidc-s3.fish in ~/.config/fish/completions. */
export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = ["complete -c oidc-s3 -n __fish_use_subcommand -f"];
  for (const { name, description, options, files } of commands) {
    lines.push(`complete -c oidc-s3 -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`);
    const seen = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    if (!files) lines.push(`complete -c oidc-s3 ${seen} -f`);
    for (const option of options) {
      const value = option.value === "none" ? "" : option.value === "path" ? " -r -F" : " -x";
      lines.push(`complete -c oidc-s3 ${seen} -l ${option.flag.slice(2)}${value} -d ${quoted(option.description)}`);
    }
  }
  return `# fish completion of oidc-s3\n${lines.join("\n")}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
