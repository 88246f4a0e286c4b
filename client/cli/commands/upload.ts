import type { Command } from "commander";
import { addSettingOptions, type SettingOptions, settingsFrom } from "./setting-options";

interface Options extends SettingOptions {
  readonly key?: string;
  readonly recursive?: boolean;
  readonly followSymlinks?: boolean;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("upload")
    .description("send files to this server's prefix")
    .argument("<file...>", 'files; "-" is the standard input')
    .option("--key <key>", "the whole key, prefix included, instead of prefix + file name")
    .option("--recursive", "send folders with all that is below them")
    .option("--follow-symlinks", "with --recursive: also what symbolic links lead to")
    .option("--json", "a line of JSON for each file");
  addSettingOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (files: string[], options: Options) => {
      const [{ upload }, { interruptible }, { print, say }] = await Promise.all([
        import("../../transfer/upload.ts"),
        import("../../core/interruption.ts"),
        import("../../core/terminal.ts"),
      ]);
      const { key, recursive = false, followSymlinks = false, json = false } = options;
      const settings = settingsFrom(options);
      const streams = { terminal: process.stderr, stdin: process.stdin };
      await interruptible((signal) =>
        upload(settings, { files, key, recursive, followSymlinks, json, signal, ...streams }, { print, say }),
      );
    });
}

const EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 upload db.dump                                  to backups/server-01/db.dump
  oidc-s3 upload --key backups/server-01/new.dump db.dump
  oidc-s3 upload --recursive /var/log/app                 to backups/server-01/app/…
  pg_dump app | oidc-s3 upload --key backups/server-01/app.sql -
`;
