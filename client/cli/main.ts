import { tellFailure } from "../core/terminal";

/** A command's module: it registers the command; what is heavy it loads itself when the command runs. */
interface CommandModule {
  readonly register: (program: import("commander").Command) => void;
}

/** Every command with the module that registers it, in the order of the help. */
export const COMMANDS: Readonly<Record<string, () => Promise<CommandModule>>> = {
  "get-credentials": () => import("./commands/get-credentials.ts"),
  "credential-daemon": () => import("./commands/credential-daemon.ts"),
  serve: () => import("./commands/serve.ts"),
  upload: () => import("./commands/upload.ts"),
  download: () => import("./commands/download.ts"),
  list: () => import("./commands/list.ts"),
  delete: () => import("./commands/delete.ts"),
  doctor: () => import("./commands/doctor.ts"),
  configure: () => import("./commands/configure.ts"),
  profile: () => import("./commands/profile.ts"),
  handover: () => import("./commands/handover.ts"),
  completion: () => import("./commands/completion.ts"),
};

/** Runs a command line (without the program's own name) and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const { runProgram } = await import("./program.ts");
    return await runProgram(args, COMMANDS);
  } catch (error) {
    return tellFailure(error);
  }
}
