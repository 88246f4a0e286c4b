import { parseArgs } from "node:util";

export const STATUS = { ok: 0, failed: 1, usage: 2, missing: 3, interrupted: 130 } as const;

export const USAGE = `Usage: npm start [-- --once] [--verbose | --json]

Deploys the environment "local" to an emulated AWS on this machine, trades every server's client id and secret for
credentials, shows what they may and may not do, and stays up until Ctrl-C.

  --once     End after the checks, with status 1 if any of them failed.
  --verbose  List every check, and say by whom it was refused and why.
  --json     Print the checks as one line of JSON, for scripts, and nothing else on stdout. Run it by
             "npm start --silent --", without npm's own two lines. docs/sandbox.md has its keys.
  --help     Show this.

Status: 0 all checks passed, 1 a check or a deployment failed, 2 the command line is wrong, 3 this machine lacks
something, 130 interrupted before the cloud was up.

OIDC_S3_ENVIRONMENTS_DIR names another folder of environments. It must have one called local. NO_COLOR=1 leaves out
colours.
`;

export interface CommandLine {
  readonly once: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message says which word. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws {UsageError} */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const options = {
    once: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { once, verbose, json, help } = parsed(() =>
    parseArgs({ args: [...args], options, strict: true, allowPositionals: false }),
  ).values;
  if (verbose && json) throw new UsageError("--verbose and --json exclude each other: the JSON holds every reason");
  return { once, verbose, json, help };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
