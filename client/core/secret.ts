const REDACTED = "[redacted]";

/** A value that must not be shown: whatever prints, joins, serialises or inspects it gets "[redacted]". */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself, for the one place that sends or hashes it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  // The symbol by its registered name: importing node:util for it would cost the warm path a module.
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
