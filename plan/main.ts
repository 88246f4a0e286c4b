import { join } from "node:path";
import { parseArguments } from "./arguments";
import { asJson } from "./json";
import { asMarkdown } from "./markdown";
import { planEnvironment } from "./plan-environment";
import { planLayer } from "./plan-layer";
import { exitCodeOf } from "./report";
import { synthesise } from "./synthesise";
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
    layers,
    output,
    plan: (layer, folder) => {
      say(`Planning ${layer}-${environment} …`);
      return planLayer({
        layer,
        folder,
        terraform: env.TERRAFORM_BINARY_NAME || "terraform",
        env,
        color: format === "text" && process.stdout.isTTY && !env.NO_COLOR,
      });
    },
  });
  process.stdout.write({ text: asText, markdown: asMarkdown, json: asJson }[format](report));
  process.exitCode = exitCodeOf(report);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
