import { readFileSync } from "node:fs";
import { Argument, type Command } from "commander";
import { interruptible } from "../../core/interruption";
import { print, say, write } from "../../core/terminal";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./command-options";

function readStdin(): string {
  return readFileSync(0, "utf8");
}

/** Undefined where there is no terminal; one that does not say how wide it is has the usual width. */
function terminalColumns({ isTTY, columns }: NodeJS.WriteStream): number | undefined {
  return isTTY ? columns || 80 : undefined;
}

interface DoctorOptions extends SettingOptions {
  readonly writeTest?: boolean;
  readonly json?: boolean;
}

export function registerDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .description("find out what is wrong: settings, token endpoint, token, vending API, credentials, prefix")
    .option("--write-test", "also begin an upload and take it back; no object is left")
    .option("--json", "print the results as JSON");
  addSettingOptions(command)
    .addHelpText("after", DOCTOR_EXAMPLES)
    .action(async (options: DoctorOptions) => {
      const [{ examine }, { checkLines, checksJson }, { brokenProfiles }] = await Promise.all([
        import("../../setup/doctor.ts"),
        import("../../setup/checks.ts"),
        import("../../setup/profile.ts"),
      ]);
      const { json = false, writeTest = false } = options;
      const results = await interruptible((signal) =>
        examine({
          loadSettings: (note) => settingsFrom(options, { warn: note, note }),
          brokenProfiles: () => brokenProfiles(process.env),
          writeTest,
          signal,
          report: (result) => json || print(checkLines(result, terminalColumns(process.stdout))),
        }),
      );
      if (json) print(checksJson(results));
      process.exitCode = results.find(({ status }) => status === "failed")?.exitCode ?? 0;
    });
}

const DOCTOR_EXAMPLES = `
Each run asks for one token and one set of credentials of its own.

Examples:
  oidc-s3 doctor
  oidc-s3 doctor --write-test --json
`;

interface ConfigureOptions {
  readonly config?: string;
  readonly from?: string;
}

export function registerConfigure(program: Command): void {
  program
    .command("configure")
    .description("write this server's settings, for this user alone")
    .option("--config <file>", "file to write (by default OIDC_S3_CONFIG, else /etc/oidc-s3/config.env)")
    .option("--from <file>", 'take them from lines NAME="value" instead of asking; "-" is the standard input')
    .addHelpText("after", CONFIGURE_EXAMPLES)
    .action(async ({ config: configFile, from }: ConfigureOptions) => {
      const { configure } = await import("../../setup/configure.ts");
      const { stdin, stderr } = process;
      const console = stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined;
      await configure({ configFile, from, env: process.env, console, readStdin, print, say });
    });
}

const CONFIGURE_EXAMPLES = `
Examples:
  sudo oidc-s3 configure                          asks, and writes /etc/oidc-s3/config.env
  sudo oidc-s3 configure --from handed-over.env
  oidc-s3 configure --config ~/.config/oidc-s3.env
`;

interface ProfileOptions extends SettingOptions {
  readonly name: string;
  readonly remove?: boolean;
}

export function registerProfile(program: Command): void {
  const command = program
    .command("profile")
    .description("add a profile to the AWS config, for every AWS SDK and the AWS CLI")
    .option("--name <name>", "the profile's name", "oidc-s3")
    .option("--remove", "take it out again");
  addSettingOptions(command)
    .addHelpText("after", PROFILE_EXAMPLES)
    .action(async (options: ProfileOptions) => {
      const { add, ownCommand, remove } = await import("../../setup/profile.ts");
      const common = { name: options.name, env: process.env, print, say };
      if (options.remove) return remove(common);
      add({
        ...common,
        settings: settingsFrom(options),
        configFile: options.config,
        program: ownCommand(),
      });
    });
}

const PROFILE_EXAMPLES = `
Examples:
  oidc-s3 profile --config /etc/oidc-s3/config.env
  aws s3 cp db.dump s3://BUCKET/PREFIX/ --profile oidc-s3
  oidc-s3 profile --remove
`;

interface HandoverOptions {
  readonly server?: string;
  readonly stack?: string;
  readonly to: string;
}

export function registerHandover(program: Command): void {
  program
    .command("handover")
    .description("for the platform team: write servers' settings files from the outputs of servers-<env>")
    .argument("<outputs>", 'file that cdktf or Terraform wrote its outputs to; "-" is the standard input')
    .requiredOption("--to <path>", 'file for one server ("-" is a pipe), folder for all')
    .option("--server <name>", "one server; all of them by default")
    .option("--stack <name>", "which stack, where the outputs are of several")
    .addHelpText("after", HANDOVER_EXAMPLES)
    .action(async (outputs: string, { server, stack, to }: HandoverOptions) => {
      const { handover } = await import("../../setup/handover.ts");
      // A settings file goes into a pipe as it is: an escape would be another prefix.
      const printExactly = (text: string): void => write(1, `${text}\n`);
      const stdoutIsTerminal = process.stdout.isTTY;
      handover({ outputs, server, stack, to, stdoutIsTerminal, readStdin, print: printExactly, say });
    });
}

const HANDOVER_EXAMPLES = `
Examples (in the folder of the stack: the secrets touch no other file):
  terraform output -json | oidc-s3 handover - --server log-shipper --to log-shipper.env
  terraform output -json | oidc-s3 handover - --to handover/
  terraform output -json | oidc-s3 handover - --server log-shipper --to - | ssh HOST sudo oidc-s3 configure --from -
`;

export function registerCompletion(program: Command): void {
  program
    .command("completion")
    .description("print the completion script of a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", COMPLETION_EXAMPLES)
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { bashCompletion, commandWords, fishCompletion, zshCompletion } = await import("../../setup/completion.ts");
      const script = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell];
      print(script(commandWords(program)).trimEnd());
    });
}

const COMPLETION_EXAMPLES = `
Examples:
  source <(oidc-s3 completion bash)               for this shell; in ~/.bashrc for every one
  oidc-s3 completion zsh > "\${fpath[1]}/_oidc-s3"
  oidc-s3 completion fish > ~/.config/fish/completions/oidc-s3.fish
`;
