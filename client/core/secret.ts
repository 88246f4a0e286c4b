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

  /** Text of others without the value, each character as it is or as it stands in a URL: a service may echo it. */
  scrub(text: string): string {
    if (this.#value === "") return text;
    const characters = Array.from(this.#value, (character) => {
      const bytes = Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).padStart(2, "0")}`);
      return `(?:${character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}|${bytes.join("")})`;
    });
    return text.replace(new RegExp(characters.join(""), "gi"), REDACTED);
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
