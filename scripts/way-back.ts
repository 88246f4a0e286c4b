// Prints the file that takes a deployment back to the documented Terraform layout: docs/migrating.md.
import { join } from "node:path";
import { Argument, Command } from "commander";
import { formatFaults, loadEnvironments } from "../config";
import { LAYERS, type Layer } from "../stacks/selection";
import { wayBack } from "../stacks/way-back";

async function main(): Promise<void> {
  const program = new Command("way-back")
    .description("Prints way-back.tf for a folder of the documented Terraform layout")
    .argument("<environment>", "a folder of environments/")
    .addArgument(new Argument("<layer>", "which of the layout's folders it is for").choices([...LAYERS]))
    .addHelpText(
      "after",
      "\nExample:\n  npm run --silent way-back -- prod servers > ../terraform-cognito/servers/way-back.tf",
    )
    .parse();
  const [name, layer] = program.processedArgs as [string, Layer];
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const found = (await loadEnvironments(folder)).find((environment) => environment.name === name);
  if (found === undefined) throw new Error(`${folder} has no environment ${name}`);
  if ("faults" in found) throw new Error(formatFaults(found.faults));
  process.stdout.write(wayBack(layer, found.config));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
