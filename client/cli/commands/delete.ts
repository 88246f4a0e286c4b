import type { Command } from "commander";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("delete")
    .description("delete objects")
    .argument("<key...>", "whole keys, prefix included")
    .option("--json", "a line of JSON for each object");
  addSettingOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (keys: string[], options: Options) => {
      const [{ deleteObjects }, { interruptible }, { print, say }] = await Promise.all([
        import("../../transfer/list-delete.ts"),
        import("../../core/interruption.ts"),
        import("../../core/terminal.ts"),
      ]);
      const settings = settingsFrom(options);
      const { json = false } = options;
      await interruptible((signal) => deleteObjects(settings, { keys, json, signal }, { print, say }));
    });
}

const EXAMPLES = `
Example (with the prefix backups/server-01/):
  oidc-s3 delete backups/server-01/old.dump backups/server-01/older.dump
`;
