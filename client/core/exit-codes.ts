/** What the process's exit code tells a script; docs/client.md has the same table and a test compares the two. */
export const EXIT_CODES = {
  ok: 0,
  /** A fault in this program: please report it. */
  unexpected: 1,
  /** The command line is wrong. */
  usage: 2,
  /** A setting is missing or wrong. */
  settings: 3,
  /** The token endpoint, the vending API or S3 refused: trying again changes nothing. */
  refused: 4,
  /** A network fault, or the service answered that it cannot serve now: trying again later may help. */
  unreachable: 5,
  /** A file, a folder or the disk of this machine. */
  local: 6,
  /** A transfer failed, or the object does not exist. */
  transfer: 7,
  /** Ended by Ctrl-C or a signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
