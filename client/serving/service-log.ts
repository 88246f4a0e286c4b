import { ClientError, UsageError } from "../core/errors";
import { say, sayLine } from "../core/terminal";

export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

interface Entry {
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  readonly code?: string;
  /** How often in a row the same happened. */
  readonly count?: number;
  readonly next_try_seconds?: number;
  readonly remedy?: string | undefined;
}

/** What a service says on stderr, a line each with the time: for people, or as JSON for programs that collect logs. */
export class ServiceLog {
  #last: string | undefined;
  #count = 0;

  constructor(private readonly format: LogFormat) {}

  readonly info = (message: string): void => {
    this.#last = undefined;
    this.#write({ level: "info", message });
  };

  readonly warning = (message: string): void => this.#write({ level: "warning", message });

  /** A failed renewal. What to do about it is said once, not at each try that fails in the same way. */
  failure(error: ClientError, seconds: number, more?: string): void {
    const { code, remedy } = error;
    const what = `${code} ${error.message}`;
    this.#count = what === this.#last ? this.#count + 1 : 1;
    this.#last = what;
    const times = this.#count > 1 ? ` (${this.#count} times in a row)` : "";
    const message = `${error.message}${times}; next try in ${seconds} s${more === undefined ? "" : `; ${more}`}`;
    this.#write({
      level: "error",
      message,
      code,
      count: this.#count,
      next_try_seconds: seconds,
      remedy: this.#count > 1 ? undefined : remedy,
    });
  }

  /** What ended the service. */
  fatal({ message, code, remedy }: ClientError): void {
    this.#write({ level: "error", message, code, remedy });
  }

  #write({ level, message, remedy, ...fields }: Entry): void {
    const time = new Date().toISOString();
    if (this.format === "json") {
      sayLine(JSON.stringify({ time, level, message, ...fields, ...(remedy === undefined ? {} : { remedy }) }));
      return;
    }
    const line = `${time} ${message.replace(/\s*\n\s*/g, "; ")}`;
    say(remedy === undefined ? line : `${line}\nwhat to do: ${remedy}`);
  }
}

/** Runs a service. Where its log is JSON, what ends it is a line of that too, for those who collect nothing else. */
export async function logEnd(format: LogFormat, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (format === "text" || !(error instanceof ClientError)) throw error;
    new ServiceLog(format).fatal(error);
    process.exitCode = error.exitCode;
  }
}

/** The format that `--log` names. @throws {UsageError} where there is no such one. */
export function parseLogFormat(value: string): LogFormat {
  const format = LOG_FORMATS.find((name) => name === value);
  if (format) return format;
  throw new UsageError(`--log: ${JSON.stringify(value)} is not a format`, {
    remedy: `Choose from ${LOG_FORMATS.join(", ")}`,
  });
}
