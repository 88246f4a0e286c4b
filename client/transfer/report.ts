import { AnswerError, ClientError, EXIT_CODES, type ExitCode, InterruptedError, SettingsError } from "../core/errors";

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

export interface Output {
  /** A line of the result, on stdout. */
  readonly print: (line: string) => void;
  /** A message, on stderr. */
  readonly say: (message: string) => void;
}

/** What a command reports of many objects: a line each, or one JSON object a line for scripts. */
export class Outcome {
  #done = 0;
  readonly #failed: ClientError[] = [];

  constructor(
    private readonly output: Output,
    private readonly json: boolean,
  ) {}

  done(line: string, fields: Readonly<Record<string, unknown>>): void {
    this.#done++;
    this.output.print(this.json ? JSON.stringify(fields) : line);
  }

  /**
   * Reports a fault of one object; the others go on.
   * @throws the fault again where nothing else can succeed either.
   */
  failed(fault: ClientError, fields: Readonly<Record<string, unknown>>): void {
    if (fault instanceof InterruptedError || fault instanceof AnswerError || fault instanceof SettingsError)
      throw fault;
    this.#failed.push(fault);
    const { code, message, remedy } = fault;
    if (this.json) this.output.print(JSON.stringify({ ...fields, error: code, message, remedy }));
    else this.output.say(remedy === undefined ? message : `${message}\nwhat to do: ${remedy}`);
  }

  get failures(): number {
    return this.#failed.length;
  }

  /** @throws {ClientError} where anything failed. */
  end(what: string): void {
    if (this.#failed.length === 0) return;
    const codes = new Set(this.#failed.map(({ exitCode }) => exitCode));
    const exitCode: ExitCode = codes.size === 1 ? ([...codes][0] as ExitCode) : EXIT_CODES.transfer;
    throw new ClientError(
      `${this.#failed.length} of ${this.#failed.length + this.#done} ${what}`,
      this.#failed.length === 1 ? (this.#failed[0] as ClientError).code : "some_failed",
      exitCode,
    );
  }
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** Bytes for people: 1.5 MiB. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 || value >= 100 ? value.toFixed(0) : value.toFixed(1)} ${UNITS[power]}`;
}

/** Seconds for people: 1:05:09. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = `${String(minutes).padStart(hours > 0 ? 2 : 1, "0")}:${String(rest).padStart(2, "0")}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}
