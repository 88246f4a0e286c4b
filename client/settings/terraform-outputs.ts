import { UsageError } from "../core/errors";

export type Json = Readonly<Record<string, unknown>>;

export interface WantedOutput {
  /** The output that the stack's outputs must have, an object. */
  readonly name: string;
  /** Which stack, where there are several. */
  readonly stack?: string | undefined;
  /** The stack as messages call it: "servers-<env>". */
  readonly of: string;
}

/**
 * The outputs of one stack: as `terraform output -json` prints them, or as `cdktf output --outputs-file` writes them,
 * with or without the stack's name around.
 * @throws {UsageError} where they are not such outputs.
 */
export function outputsOf(parsed: Json, { name, stack, of }: WantedOutput): Json {
  const has = (outputs: unknown): boolean => isObject(outputs) && isObject(outputValue(outputs[name]));
  const candidates = has(parsed)
    ? [["", parsed] as const]
    : Object.entries(parsed).filter((entry): entry is [string, Json] => has(entry[1]));
  const found = stack === undefined ? candidates : candidates.filter(([key]) => key === stack || key === "");
  const only = found[0];
  if (only !== undefined && found.length === 1) return only[1];
  if (found.length > 1) {
    throw new UsageError(`the outputs are of several stacks: ${found.map(([key]) => key).join(", ")}`, {
      remedy: "Name one with --stack",
    });
  }
  throw new UsageError(`the outputs have no ${name}${stack === undefined ? "" : ` of ${stack}`}`, {
    remedy: `Give the outputs of ${of}`,
  });
}

/** The object of a JSON text. @throws {UsageError} where it is something else; the text is not shown. */
export function parseOutputs(text: string): Json {
  let outputs: unknown;
  try {
    outputs = JSON.parse(text);
  } catch {
    // The parser's own words would quote the text, secrets included.
  }
  if (isObject(outputs)) return outputs;
  throw new UsageError("the outputs are not a JSON object", { remedy: "Give what terraform output -json prints" });
}

/** Terraform puts each value into an object beside its type. */
export function outputValue(output: unknown): unknown {
  return isObject(output) && "value" in output && "sensitive" in output ? output.value : output;
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
