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
  /** What stands in the file for the value, where that is neither the value in quotes nor a literal. */
  readonly written?: string;
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

/**
 * A path in Terraform's own notation.
 * @param isName whether a part is a name that users choose: shown in brackets, whatever its characters, and so not taken for a key
 */
export function showKey(path: KeyPath, isName: (path: KeyPath, index: number) => boolean = () => false): string {
  return path.reduce((shown, part, index) => {
    if (index === 0) return part;
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(part) && !isName(path, index)
      ? `${shown}.${part}`
      : `${shown}[${JSON.stringify(part)}]`;
  }, "");
}

const LONGEST_SHOWN_VALUE = 100;

/** A value as people may have written it, on one line and cut to a readable length. */
export function showValue(value: unknown): string {
  // JSON has no number beyond its range, and would call it null.
  const shown = (typeof value === "number" ? undefined : JSON.stringify(value)) ?? String(value);
  return shown.length <= LONGEST_SHOWN_VALUE ? shown : `${shown.slice(0, LONGEST_SHOWN_VALUE - 1)}…`;
}

const MOST_OF_A_FILE = 50;
const MOST_FAULTS = 200;

/**
 * Faults as text for people: file by file, each with its place, key, value and remedy. Of very many the first are shown
 * and the rest are counted.
 * @param base the directory that file names are shown relative to
 */
export function formatFaults(faults: readonly Fault[], base: string = process.cwd()): string {
  const byFile = new Map<string, Fault[]>();
  for (const fault of faults) {
    const group = byFile.get(fault.file);
    if (group === undefined) byFile.set(fault.file, [fault]);
    else group.push(fault);
  }
  const parts: string[] = [];
  let room = MOST_FAULTS;
  for (const [file, group] of byFile) {
    if (room === 0) break;
    const shown = group.slice(0, Math.min(room, MOST_OF_A_FILE));
    room -= shown.length;
    parts.push(formatFile(shownName(file, base), shown, group.length - shown.length));
  }
  const others = [...byFile.values()].slice(parts.length);
  if (others.length > 0) {
    const count = others.reduce((sum, group) => sum + group.length, 0);
    parts.push(`… and ${count} more in ${others.length} other ${others.length === 1 ? "file" : "files"}`);
  }
  return parts.join("\n\n");
}

function formatFile(file: string, faults: readonly Fault[], more: number): string {
  const places = faults.map(placeOf);
  const width = Math.max(...places.map((place) => place.length));
  const indent = " ".repeat(2 + width + 2);
  const lines = faults.map((fault, index) => {
    const place = (places[index] ?? "").padEnd(width);
    return `  ${place}  ${sentenceOf(fault)}\n${indent}→ ${fault.remedy}`;
  });
  return [file, ...lines, ...(more > 0 ? [`  … and ${more} more in this file`] : [])].join("\n");
}

function placeOf({ line, column }: Fault): string {
  return line === undefined ? "-" : `${line}:${column ?? 1}`;
}

function sentenceOf({ key, value, written, message }: Fault): string {
  if (key === undefined) return message;
  if (value === undefined) return `${key} ${message}`;
  const shown = written === undefined ? showValue(value) : showValue(written).slice(1, -1).replaceAll('\\"', '"');
  return `${key} = ${shown} ${message}`;
}

function shownName(file: string, base: string): string {
  const shorter = relative(base, file);
  return shorter.startsWith("..") ? file : shorter;
}
