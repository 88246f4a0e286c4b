import { formatBytes, formatDuration } from "./sizes";

export interface ProgressState {
  readonly bytes: number;
  /** Unknown for a pipe, or while a folder is still being read. */
  readonly totalBytes?: number | undefined;
  readonly files: number;
  readonly seconds: number;
}

const BAR = 24;

/** One line that fits the terminal. */
export function progressLine({ bytes, totalBytes, files, seconds }: ProgressState, columns: number): string {
  const rate = seconds > 0.5 ? bytes / seconds : 0;
  const parts: string[] = [];
  if (totalBytes) {
    const share = Math.min(1, Math.max(0, bytes / totalBytes));
    const filled = Math.round(share * BAR);
    parts.push(`${String(Math.floor(share * 100)).padStart(3)} %`);
    parts.push(`[${"=".repeat(filled)}${" ".repeat(BAR - filled)}]`);
    parts.push(`${formatBytes(bytes)} of ${formatBytes(totalBytes)}`);
  } else {
    parts.push(formatBytes(bytes));
  }
  if (files > 0) parts.push(`${files} ${files === 1 ? "file" : "files"}`);
  if (rate > 0) parts.push(`${formatBytes(rate)}/s`);
  if (rate > 0 && totalBytes) parts.push(`${formatDuration((totalBytes - bytes) / rate)} left`);
  return parts.join("  ").slice(0, Math.max(0, columns - 1));
}

export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const INTERVAL_MS = 100;
const CLEAR = "\r\u001b[K";

/** A line on a terminal that is drawn anew while a transfer goes on; elsewhere nothing is drawn. */
export class Progress {
  #bytes = 0;
  #files = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #began = performance.now();

  constructor(
    private readonly terminal: Terminal,
    private readonly totalBytes?: number,
  ) {
    if (!terminal.isTTY) return;
    this.#timer = setInterval(() => this.#draw(), INTERVAL_MS);
    this.#timer.unref();
  }

  readonly addBytes = (bytes: number): void => {
    this.#bytes += bytes;
  };

  addFile(): void {
    this.#files++;
  }

  /** Prints a line of its own above the bar. */
  interrupt(print: () => void): void {
    if (this.#timer) this.terminal.write(CLEAR);
    print();
  }

  end(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.terminal.write(CLEAR);
  }

  #draw(): void {
    const seconds = (performance.now() - this.#began) / 1000;
    const state = { bytes: this.#bytes, totalBytes: this.totalBytes, files: this.#files, seconds };
    this.terminal.write(CLEAR + progressLine(state, this.terminal.columns ?? 80));
  }
}
