// Makes the state buckets and lock tables that backend files name: docs/adr has why this is no stack.
import { join } from "node:path";
import { Command } from "commander";
import { requireEnvironment } from "../config";
import { LAYERS } from "../layers";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { bootstrap } from "./bootstrap";

const AFTER_HELP = `
What exists is checked and never changed. Exits with 0 when everything exists as expected, otherwise with 1.

Examples:
  npm run bootstrap -- dev
  npm run bootstrap -- dev prod --dry-run`;

async function main(): Promise<void> {
  const program = new Command("npm run bootstrap --")
    .description("Makes the state bucket and the lock table that the backend files of environments name")
    .argument("<environments...>", "folders of environments/")
    .option("--dry-run", "say what would be made, and make nothing")
    .addHelpText("after", AFTER_HELP)
    .parse();
  const names = [...new Set(program.processedArgs[0] as string[])];
  const folder = process.env.OIDC_S3_ENVIRONMENTS_DIR || join(__dirname, "..", "environments");
  const right = await bootstrap({
    environments: await Promise.all(names.map((name) => requireEnvironment(folder, name, LAYERS))),
    dryRun: program.opts<{ dryRun?: true }>().dryRun === true,
    env: process.env,
    print: (line) => console.log(line),
  });
  process.exitCode = right ? 0 : 1;
}

allowClosedPipe();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
