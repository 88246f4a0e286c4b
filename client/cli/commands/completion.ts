import { Argument, type Command } from "commander";
import { print } from "../../core/terminal";
import { bashCompletion, commandWords, fishCompletion, zshCompletion } from "../../setup/completion";

const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export function register(program: Command): void {
  program
    .command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SHELLS)))
    .addHelpText("after", EXAMPLES)
    .action((shell: keyof typeof SHELLS) => print(SHELLS[shell](commandWords(program)).trimEnd()));
}

const EXAMPLES = `
Examples:
  source <(oidc-s3 completion bash)               for this shell; in ~/.bashrc for every one
  oidc-s3 completion zsh > "\${fpath[1]}/_oidc-s3"
  oidc-s3 completion fish > ~/.config/fish/completions/oidc-s3.fish
`;
