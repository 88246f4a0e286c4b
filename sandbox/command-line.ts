import { parseArgs } from "node:util";

export const USAGE = `Usage: npm start [-- --once]

Deploys the environment "local" to an emulated AWS on this machine, trades every server's client id and secret for
credentials, shows what they may do and may not, and stays up until Ctrl-C.

  --once    End after the check, with status 1 if anything was not as it must be.
  --help    Show this.

Status: 0 all well, 1 something was not as it must be or failed, 2 the command line is not understood, 3 this machine
lacks something, 130 interrupted before it was up.

OIDC_S3_ENVIRONMENTS_DIR names another folder of environments. It must have one that is called local.
`;

export interface CommandLine {
  readonly once: boolean;
  readonly help: boolean;
}

/** A command line that is not understood; the message says which word. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const options = {
      once: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return { once: values.once, help: values.help };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
