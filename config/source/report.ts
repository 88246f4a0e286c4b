import { relative } from "node:path";
import { type Fault, showValue } from "./fault";

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
