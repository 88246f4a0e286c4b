import { arch, cpus, release, totalmem, type } from "node:os";

/** The middle value, or the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/** Prints rows as a Markdown table, the first row being its head; all columns but the first are aligned right. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const columns = rows[0]?.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    `| ${columns.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${columns.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  console.log(`\n${title}\n\n${[line(head), rule, ...body.map(line)].join("\n")}\n`);
}

/** What the figures were measured on. */
export function machine(): string {
  const [processor] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${processor?.model.trim() || "unknown processor"}, ${cpus().length} cores, ${memory}, ${type()} ${release()} ${arch()}, Node.js ${process.version}`;
}
