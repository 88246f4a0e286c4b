/** One thing that is wrong with an environment's files, and what to do about it. */
export interface Fault {
  readonly file: string;
  /** Line and column count from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The key as Terraform would write it: `servers["log-shipper"].s3_path_prefix`. */
  readonly key?: string;
  /** The value found; left out where there is none, and where it is a secret. */
  readonly value?: unknown;
  readonly message: string;
  readonly remedy: string;
}

/** What a rule finds wrong with a value: the fault without its place. */
export interface Problem {
  readonly message: string;
  readonly remedy: string;
}

/** The way to a value from the top of its file: `["servers", "log-shipper", "tags", "Team"]`. */
export type KeyPath = readonly string[];

/** A path in Terraform's own notation. */
export function showKey(path: KeyPath): string {
  return path.reduce((shown, part, index) => {
    if (index === 0) return part;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) && !isMapEntry(path, index)
      ? `${shown}.${part}`
      : `${shown}[${JSON.stringify(part)}]`;
  }, "");
}

/** Names that users choose stand in brackets, whatever their characters, so that they are not taken for keys. */
function isMapEntry(path: KeyPath, index: number): boolean {
  const parent = path[index - 1];
  return (parent === "servers" && index === 1) || parent === "tags" || parent === "common_tags";
}

const LONGEST_SHOWN_VALUE = 100;

/** A value as people may have written it, on one line and cut to a readable length. */
export function showValue(value: unknown): string {
  // JSON has no number beyond its range, and would call it null.
  const shown = (typeof value === "number" ? undefined : JSON.stringify(value)) ?? String(value);
  return shown.length <= LONGEST_SHOWN_VALUE ? shown : `${shown.slice(0, LONGEST_SHOWN_VALUE - 1)}…`;
}
