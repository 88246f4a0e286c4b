import { parseArgs } from "node:util";

export const STATUS = { ok: 0, failed: 1, usage: 2, missing: 3, interrupted: 130 } as const;

/** Parts of the cloud that can be had by themselves, each with its checks: the layer that they are about names them. */
export const PARTS = ["servers", "api", "users"] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `Usage: npm start [-- --once] [--only servers|api|users] [--verbose | --json]

Deploys the environment "local" to an emulated AWS on this machine, trades every server's client id and secret for
credentials, calls the API with every client's token, has two people sign in, shows what they may and may not do, and
stays up until Ctrl-C.

  --only P   Deploy and check one part: "servers" (with the foundation), "api", or "users" (with the foundation).
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
  /** All parts where it is undefined. */
  readonly only: Part | undefined;
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
    only: { type: "string" },
    verbose: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const { once, only, verbose, json, help } = parsed(() =>
    parseArgs({ args: [...args], options, strict: true, allowPositionals: false }),
  ).values;
  if (verbose && json) throw new UsageError("--verbose and --json exclude each other: the JSON holds every reason");
  return { once, only: partNamed(only), verbose, json, help };
}

function partNamed(name: string | undefined): Part | undefined {
  const part = PARTS.find((each) => each === name);
  if (name !== undefined && part === undefined) {
    throw new UsageError(`--only ${name}: there is no such part, only ${PARTS.join(", ")}`);
  }
  return part;
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
