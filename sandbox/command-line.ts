import { parseArgs } from "node:util";

export const USAGE = `Usage: npm start [-- --once]

Deploys the environment "local" to an emulated AWS on this machine, trades every server's client id and secret for
credentials, shows what they may and may not do, and stays up until Ctrl-C.

  --once    End after the checks, with status 1 if any of them failed.
  --help    Show this.

Status: 0 all checks passed, 1 a check or a deployment failed, 2 the command line is wrong, 3 this machine lacks
something, 130 interrupted before the cloud was up.

OIDC_S3_ENVIRONMENTS_DIR names another folder of environments. It must have one called local.
`;

export interface CommandLine {
  readonly once: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message says which word. */
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
