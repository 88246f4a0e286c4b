import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { requireEnvironment, withUploader } from "../config";
import { layersPresent } from "../config/layer";
import { LAYERS, type Layer, stackName } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { controlNotes, fleetOf } from "./controls";
import { asMarkdown } from "./markdown";
import { planEnvironment, planLayer } from "./plan-environment";
import { synthesise } from "./programs";
import { asJson, exitCodeOf, type PlanReport } from "./report";
import { asText } from "./text";

const PROJECT = join(__dirname, "..");

async function main(): Promise<void> {
  const { environment, format, layers } = parseArguments(process.argv.slice(2));
  const env = process.env;
  const say = (what: string) => console.error(what);

  say(`Synthesising ${environment} …`);
  const output = await synthesise(PROJECT, environment, env);
  const report = await planEnvironment({
    environment,
    layers: layersToPlan(environment, layers, environmentFiles(environment)),
    output,
    plan: (layer, folder) => {
      say(`Planning ${stackName(layer.name, environment)} …`);
      return planLayer({
        layer,
        folder,
        terraform: env.TERRAFORM_BINARY_NAME || "terraform",
        env,
        color: format === "text" && process.stdout.isTTY && !env.NO_COLOR,
      });
    },
  });
  const notes = [...report.notes, ...(await notesOnControls(environment, report))];
  process.stdout.write({ text: asText, markdown: asMarkdown, json: asJson }[format]({ ...report, notes }));
  process.exitCode = exitCodeOf(report);
}

/** Where a server's own layers are planned: who reads the plan of a server is to know that it is switched off. */
async function notesOnControls(environment: string, { layers }: PlanReport): Promise<string[]> {
  if (!layers.some(({ layer }) => layer === "foundation" || layer === "servers")) return [];
  const { foundation } = withUploader(await requireEnvironment(environmentsFolder(), environment, LAYERS));
  return controlNotes(fleetOf(foundation), Math.floor(Date.now() / 1000));
}

interface PlanArguments {
  readonly environment: string;
  readonly format: "text" | "json" | "markdown";
  readonly layers: readonly Layer[];
}

const EXAMPLES = `
Exits with 0 when nothing changes, 2 when something does, 1 when a plan failed.

Examples:
  npm run plan -- dev
  npm run --silent plan -- prod --markdown > comment.md
  npm run --silent plan -- prod --json | jq '.layers[].summary.marks'`;

/** Parses the command line. For help, or a fault (status 1), prints the text and ends the process. */
export function parseArguments(argv: readonly string[], all: readonly Layer[] = LAYERS): PlanArguments {
  const program = new Command("npm run plan --")
    .description("Shows what a deployment would change, by server and in words, above Terraform's own plan")
    .argument("<environment>", "a folder of environments/", environmentName)
    .addOption(new Option("--json", "print JSON, for programs").conflicts("markdown"))
    .option("--markdown", "print Markdown, for a comment on a pull request")
    .addOption(new Option("--layer <layer>", "plan only this layer").choices(all.map(({ name }) => name)))
    .addHelpText("after", EXAMPLES)
    .parse(argv, { from: "user" });
  const options = program.opts<{ json?: true; markdown?: true; layer?: string }>();
  return {
    environment: program.processedArgs[0] as string,
    format: options.json ? "json" : options.markdown ? "markdown" : "text",
    layers: all.filter(({ name }) => options.layer === undefined || name === options.layer),
  };
}

/**
 * Of the layers that are asked for, those that the environment has.
 * @throws {Error} where it has none of them
 */
export function layersToPlan(
  environment: string,
  asked: readonly Layer[],
  files: readonly string[],
  all: readonly Layer[] = LAYERS,
): Layer[] {
  const present = layersPresent(files, all).filter((layer) => asked.includes(layer));
  if (present.length > 0) return present;
  const missing = asked.map(({ name, variablesFile }) => `${name}, which ${variablesFile} there would make`);
  throw new Error(`the environment ${environment} has no layer ${missing.join(", nor ")}`);
}

function environmentFiles(environment: string): string[] {
  return readdirSync(join(environmentsFolder(), environment));
}

function environmentsFolder(): string {
  return process.env.OIDC_S3_ENVIRONMENTS_DIR || join(PROJECT, "environments");
}

function environmentName(value: string): string {
  // It becomes part of a path.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(value))
    throw new InvalidArgumentError("this cannot be an environment's name");
  return value;
}

if (require.main === module) {
  allowClosedPipe();
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
