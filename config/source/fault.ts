import { relative } from "node:path";

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

/** Names that users choose are shown in brackets, whatever their characters, so that they are not taken for keys. */
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

/**
 * Faults as text for people: file by file, each with its place, key, value and remedy.
 * @param base the directory that file names are shown relative to
 */
export function formatFaults(faults: readonly Fault[], base: string = process.cwd()): string {
  const byFile = new Map<string, Fault[]>();
  for (const fault of faults) {
    const group = byFile.get(fault.file);
    if (group === undefined) byFile.set(fault.file, [fault]);
    else group.push(fault);
  }
  return [...byFile].map(([file, group]) => formatFile(shownName(file, base), group)).join("\n\n");
}

function formatFile(file: string, faults: readonly Fault[]): string {
  const places = faults.map(placeOf);
  const width = Math.max(...places.map((place) => place.length));
  const indent = " ".repeat(2 + width + 2);
  const lines = faults.map((fault, index) => {
    const place = (places[index] ?? "").padEnd(width);
    return `  ${place}  ${sentenceOf(fault)}\n${indent}→ ${fault.remedy}`;
  });
  return [file, ...lines].join("\n");
}

function placeOf({ line, column }: Fault): string {
  return line === undefined ? "-" : `${line}:${column ?? 1}`;
}

function sentenceOf({ key, value, message }: Fault): string {
  if (key === undefined) return message;
  return value === undefined ? `${key} ${message}` : `${key} = ${showValue(value)} ${message}`;
}

function shownName(file: string, base: string): string {
  const shorter = relative(base, file);
  return shorter.startsWith("..") ? file : shorter;
}
