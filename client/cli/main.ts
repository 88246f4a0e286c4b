import type { Command } from "commander";
import { tellFailure } from "../core/terminal";

type Register = (program: Command) => void;

/**
 * Every command with the function that registers it, in the order of the help. What is heavy a command loads itself,
 * when it runs.
 */
export const COMMANDS: Readonly<Record<string, () => Promise<Register>>> = {
  "get-credentials": async () => (await import("./commands/credentials.ts")).registerGetCredentials,
  "credential-daemon": async () => (await import("./commands/credentials.ts")).registerCredentialDaemon,
  serve: async () => (await import("./commands/credentials.ts")).registerServe,
  status: async () => (await import("./commands/credentials.ts")).registerStatus,
  token: async () => (await import("./commands/tokens.ts")).registerToken,
  call: async () => (await import("./commands/tokens.ts")).registerCall,
  exec: async () => (await import("./commands/credentials.ts")).registerExec,
  upload: async () => (await import("./commands/transfers.ts")).registerUpload,
  sync: async () => (await import("./commands/transfers.ts")).registerSync,
  download: async () => (await import("./commands/transfers.ts")).registerDownload,
  list: async () => (await import("./commands/transfers.ts")).registerList,
  delete: async () => (await import("./commands/transfers.ts")).registerDelete,
  doctor: async () => (await import("./commands/setup.ts")).registerDoctor,
  configure: async () => (await import("./commands/setup.ts")).registerConfigure,
  profile: async () => (await import("./commands/setup.ts")).registerProfile,
  handover: async () => (await import("./commands/setup.ts")).registerHandover,
  user: async () => (await import("./commands/user.ts")).registerUser,
  completion: async () => (await import("./commands/setup.ts")).registerCompletion,
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
