// Prints the file that hands a deployment back to the Terraform that it came from: docs/migrating.md, docs/api.md.
import { join } from "node:path";
import { Argument, Command } from "commander";
import { requireEnvironment } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";

async function main(): Promise<void> {
  const names = LAYERS.filter(({ rollback }) => rollback !== undefined).map(({ name }) => name);
  const program = new Command("npm run rollback --")
    .description("Prints rollback.tf for a folder of the Terraform that a deployment was taken over from")
    .argument("<environment>", "a folder of environments/")
    .addArgument(new Argument("<layer>", "which layer goes back").choices(names))
    .addHelpText(
      "after",
      "\nExample:\n  npm run --silent rollback -- prod servers > ../terraform-cognito/servers/rollback.tf",
    )
    .parse();
  const [name, layerName] = program.processedArgs as [string, string];
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const environment = await requireEnvironment(folder, name, LAYERS);
  const rollback = await LAYERS.find((layer) => layer.name === layerName)?.rollback?.();
  if (rollback !== undefined) process.stdout.write(rollback(environment));
}

allowClosedPipe();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
