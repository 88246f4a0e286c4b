import { AnswerError, ClientError, InterruptedError, SettingsError } from "../core/errors";
import { EXIT_CODES, type ExitCode } from "../core/exit-codes";

export interface Output {
  /** A line of the result, on stdout. */
  readonly print: (line: string) => void;
  /** A message, on stderr. */
  readonly say: (message: string) => void;
}

/** What a command tells of many objects: a line each, or one JSON object a line for scripts. */
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
   * Tells a fault of one object; others go on.
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
