import { Command, CommanderError } from "commander";
import { EXIT_CODES } from "../core/errors";
import { write, writeMessage } from "../core/terminal";
import { version } from "../package.json";

type Commands = Readonly<Record<string, () => Promise<(program: Command) => void>>>;

export const SUMMARY = "Short-lived AWS credentials and S3 transfers for servers without AWS keys";

/** Parses the command line, runs the command in it and returns the exit code; faults of commands are thrown. */
export async function runProgram(args: readonly string[], commands: Commands): Promise<number> {
  try {
    const program = await createProgram(args[0], commands);
    await program.parseAsync(args, { from: "user" });
    return Number(process.exitCode ?? EXIT_CODES.ok);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage;
  }
}

/** The program with the one command that is asked for, or with all of them where none is: for help and completion. */
export async function createProgram(wanted: string | undefined, commands: Commands): Promise<Command> {
  const program = new Command("oidc-s3");
  program
    .description(SUMMARY)
    .version(version)
    .exitOverride()
    .showHelpAfterError("(oidc-s3 COMMAND --help shows how it is used)")
    .configureOutput({
      writeOut: (text) => write(1, text),
      writeErr: writeMessage,
      outputError: (text, writeError) => writeError(text.replace(/^error: /, "oidc-s3: ")),
    })
    .addHelpText("after", EXAMPLES);
  const known = wanted !== undefined && Object.hasOwn(commands, wanted) ? commands[wanted] : undefined;
  const wantedCommands = known && wanted !== "completion" ? [known] : Object.values(commands);
  for (const load of wantedCommands) (await load())(program);
  return program;
}

const EXAMPLES = `
Settings come from flags, the environment, --config FILE, OIDC_S3_CONFIG and /etc/oidc-s3/config.env.

Examples:
  oidc-s3 configure                       write this server's settings, for this user alone
  oidc-s3 doctor                          find out what is wrong, step by step
  oidc-s3 profile                         let every AWS SDK and the AWS CLI use "oidc-s3" as a profile
  oidc-s3 upload backup.tar               send a file to this server's prefix

Exit codes: 0 done, 1 unexpected fault, 2 usage, 3 settings, 4 refused, 5 unreachable, 6 local file or disk,
7 transfer, 130 interrupted.
`;
