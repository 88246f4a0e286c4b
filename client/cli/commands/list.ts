import type { Command } from "commander";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("list")
    .description("list objects under this server's prefix")
    .option("--prefix <prefix>", "only keys that start so; whole, as keys are (this server's prefix when not given)")
    .option("--json", "a line of JSON for each object");
  addSettingOptions(command, { prefix: false })
    .addHelpText("after", EXAMPLES)
    .action(async ({ prefix, json = false, ...options }: Options) => {
      const [{ list }, { interruptible }, { print, say }] = await Promise.all([
        import("../../transfer/list-delete.ts"),
        import("../../core/interruption.ts"),
        import("../../core/terminal.ts"),
      ]);
      const settings = settingsFrom(options);
      await interruptible((signal) => list(settings, { prefix, json, signal }, { print, say }));
    });
}

const EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 list
  oidc-s3 list --prefix backups/server-01/2026- --json
`;
