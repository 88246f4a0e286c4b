import type { Command } from "commander";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("download")
    .description("fetch an object")
    .argument("<key>", "the whole key, prefix included")
    .argument("[dest]", 'file or folder, this folder when not given; "-" is the standard output')
    .option("--json", "tell the result as a line of JSON");
  addSettingOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (key: string, destination: string | undefined, options: Options) => {
      const [{ download }, { interruptible }, { print, say }] = await Promise.all([
        import("../../transfer/download.ts"),
        import("../../core/interruption.ts"),
        import("../../core/terminal.ts"),
      ]);
      const settings = settingsFrom(options);
      const { json = false } = options;
      const streams = { terminal: process.stderr, stdout: process.stdout };
      await interruptible((signal) =>
        download(settings, { key, destination, json, signal, ...streams }, { print, say }),
      );
    });
}

const EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 download backups/server-01/db.dump              to ./db.dump
  oidc-s3 download backups/server-01/db.dump /restore/
  oidc-s3 download backups/server-01/app.sql - | psql app
`;
