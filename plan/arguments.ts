import { Command, InvalidArgumentError, Option } from "commander";
import { LAYERS, type Layer } from "./report";

export interface PlanArguments {
  readonly environment: string;
  readonly format: "text" | "json" | "markdown";
  readonly layers: readonly Layer[];
}

const EXAMPLES = `
Exits with 0 where nothing changes, 2 where something does, 1 where a plan failed.

Examples:
  npm run plan -- dev
  npm run --silent plan -- prod --markdown > comment.md
  npm run --silent plan -- prod --json | jq '.layers[].summary.marks'`;

/** Parses the command line; prints help or what is wrong, and ends the process then, with 1 for a fault. */
export function parseArguments(argv: readonly string[]): PlanArguments {
  const program = new Command("plan")
    .description("What a deployment would change, by server and in words, above Terraform's own plan")
    .argument("<environment>", "a folder of environments/", environmentName)
    .addOption(new Option("--json", "for programs").conflicts("markdown"))
    .option("--markdown", "for a comment on a pull request")
    .addOption(new Option("--layer <layer>", "only this layer").choices([...LAYERS]))
    .addHelpText("after", EXAMPLES)
    .parse(argv, { from: "user" });
  const options = program.opts<{ json?: true; markdown?: true; layer?: Layer }>();
  return {
    environment: program.processedArgs[0] as string,
    format: options.json ? "json" : options.markdown ? "markdown" : "text",
    layers: options.layer ? [options.layer] : LAYERS,
  };
}

function environmentName(value: string): string {
  // It becomes part of a path.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(value)) throw new InvalidArgumentError("this is no name of an environment");
  return value;
}
