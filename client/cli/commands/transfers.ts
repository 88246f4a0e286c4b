import type { Command } from "commander";
import { UsageError } from "../../core/errors";
import { stopSignals } from "../../core/interruption";
import { onceEach, print, say } from "../../core/terminal";
import { addSettingOptions, runTransfer, settingsFrom, type TransferOptions } from "./command-options";

interface UploadOptions extends TransferOptions {
  readonly key?: string;
  readonly recursive?: boolean;
  readonly followSymlinks?: boolean;
}

export function registerUpload(program: Command): void {
  const command = program
    .command("upload")
    .description("send files to this server's prefix")
    .argument("<file...>", 'files; "-" is the standard input')
    .option("--key <key>", "the whole key, prefix included, instead of prefix + file name")
    .option("--recursive", "send folders with all that is below them")
    .option("--follow-symlinks", "with --recursive: also what symbolic links lead to")
    .option("--json", "a line of JSON for each file");
  addSettingOptions(command)
    .addHelpText("after", UPLOAD_EXAMPLES)
    .action(async (files: string[], options: UploadOptions) => {
      const { upload } = await import("../../transfer/upload.ts");
      const { key, recursive = false, followSymlinks = false } = options;
      const request = { files, key, recursive, followSymlinks, terminal: process.stderr, stdin: process.stdin };
      await runTransfer(options, (settings, context, output) => upload(settings, { ...request, ...context }, output));
    });
}

const UPLOAD_EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 upload db.dump                                  to backups/server-01/db.dump
  oidc-s3 upload --key backups/server-01/new.dump db.dump
  oidc-s3 upload --recursive /var/log/app                 to backups/server-01/app/…
  pg_dump app | oidc-s3 upload --key backups/server-01/app.sql -
`;

interface DownloadOptions extends TransferOptions {
  readonly recursive?: boolean;
}

export function registerDownload(program: Command): void {
  const command = program
    .command("download")
    .description("fetch an object, or all below a folder")
    .argument("<key>", "the whole key, prefix included")
    .argument("[dest]", 'file or folder, this folder by default; "-" is the standard output')
    .option("--recursive", "fetch all objects below the key, into the folder DEST")
    .option("--json", "a line of JSON for each object");
  addSettingOptions(command)
    .addHelpText("after", DOWNLOAD_EXAMPLES)
    .action(async (key: string, destination: string | undefined, { recursive, ...options }: DownloadOptions) => {
      const fetch = recursive
        ? (await import("../../transfer/download-folder.ts")).downloadFolder
        : (await import("../../transfer/download.ts")).download;
      const request = { key, destination, terminal: process.stderr, stdout: process.stdout };
      await runTransfer(options, (settings, context, output) => fetch(settings, { ...request, ...context }, output));
    });
}

const DOWNLOAD_EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 download backups/server-01/db.dump              to ./db.dump
  oidc-s3 download backups/server-01/db.dump /restore/
  oidc-s3 download backups/server-01/app.sql - | psql app
  oidc-s3 download --recursive backups/server-01/app/ /restore    to /restore/…
`;

export function registerList(program: Command): void {
  const command = program
    .command("list")
    .description("list objects under this server's prefix")
    .option("--prefix <prefix>", "only keys that start with it; whole, as keys are (this server's prefix by default)")
    .option("--json", "a line of JSON for each object");
  addSettingOptions(command, { prefix: false })
    .addHelpText("after", LIST_EXAMPLES)
    .action(async ({ prefix, ...options }: TransferOptions) => {
      const { list } = await import("../../transfer/list-delete.ts");
      await runTransfer(options, (settings, context, output) => list(settings, { prefix, ...context }, output));
    });
}

const LIST_EXAMPLES = `
Examples (with the prefix backups/server-01/):
  oidc-s3 list
  oidc-s3 list --prefix backups/server-01/2026- --json
`;

interface DeleteOptions extends TransferOptions {
  readonly literal?: boolean;
}

export function registerDelete(program: Command): void {
  const command = program
    .command("delete")
    .description("delete objects")
    .argument("<key...>", "whole keys, prefix included")
    .option("--literal", "take * ? and a slash at the end for parts of an object's name")
    .option("--json", "a line of JSON for each object");
  addSettingOptions(command)
    .addHelpText("after", DELETE_EXAMPLES)
    .action(async (keys: string[], { literal = false, ...options }: DeleteOptions) => {
      const { deleteObjects } = await import("../../transfer/list-delete.ts");
      const request = { keys, literal };
      await runTransfer(options, (settings, context, output) =>
        deleteObjects(settings, { ...request, ...context }, output),
      );
    });
}

const DELETE_EXAMPLES = `
S3 does not tell whether there was anything at a key: one that was never there counts as deleted too. There are no
wildcards and no folders: each key is one object.

Example (with the prefix backups/server-01/):
  oidc-s3 delete backups/server-01/old.dump backups/server-01/older.dump
`;

interface SyncCommandOptions extends TransferOptions {
  readonly key?: string;
  readonly watch?: boolean;
  readonly settle: string;
  readonly interval: string;
  readonly dryRun?: boolean;
  readonly all?: boolean;
  readonly followSymlinks?: boolean;
  readonly stateDir?: string;
}

export function registerSync(program: Command): void {
  const command = program
    .command("sync")
    .description("upload what is new or has changed in a folder; deletes nothing, lists nothing")
    .argument("<folder>", "the folder")
    .option("--key <key>", "what all keys start with, prefix included, instead of prefix + folder name")
    .option("--watch", "go on, and upload what changes")
    .option("--settle <seconds>", "with --watch: how long a file must rest before it is sent", "5")
    .option("--interval <seconds>", "with --watch: between walks where no change is noticed", "60")
    .option("--dry-run", "say what would be uploaded, and upload nothing")
    .option("--all", "upload everything, whatever was uploaded before")
    .option("--follow-symlinks", "also what symbolic links lead to")
    .option("--state-dir <folder>", "where what was uploaded is remembered (by default ~/.local/state/oidc-s3/sync)")
    .option("--json", "a line of JSON for each file, and one for the summary");
  addSettingOptions(command).addHelpText("after", SYNC_EXAMPLES).action(syncCommand);
}

async function syncCommand(folder: string, options: SyncCommandOptions): Promise<void> {
  const { key, followSymlinks = false, dryRun = false, all = false, stateDir: stateDirectory } = options;
  const request = {
    folder,
    key,
    stateDirectory,
    followSymlinks,
    dryRun,
    all,
    terminal: process.stderr,
    env: process.env,
  };
  const { openSync, sync } = await import("../../sync/sync.ts");
  if (!options.watch) {
    await runTransfer(options, (settings, context, output) => sync(settings, { ...request, ...context }, output));
    return;
  }
  if (dryRun || all) throw new UsageError("--watch goes neither with --dry-run nor with --all");
  const quietMs = parseSeconds("--settle", options.settle) * 1000;
  const intervalMs = parseSeconds("--interval", options.interval) * 1000;
  const { watch } = await import("../../sync/watch.ts");
  const { signal, exitCode } = stopSignals();
  const warn = onceEach(say);
  const open = await openSync(
    () => settingsFrom(options, { warn }),
    { ...request, json: options.json ?? false, signal },
    { print, say },
  );
  try {
    await watch(open, { folder, quietMs, intervalMs, signal, say });
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = exitCode();
  } finally {
    open.close();
  }
}

function parseSeconds(option: string, value: string): number {
  const seconds = /^\d+$/.test(value) ? Number(value) : 0;
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new UsageError(`${option}: ${JSON.stringify(value)} is not a number of seconds from 1 to 86400`);
}

const SYNC_EXAMPLES = `
What was uploaded is remembered on this machine, so it needs no permission but to upload. What is deleted here stays in
the bucket. Started again after whatever ended it, it goes on.

Examples (with the prefix backups/server-01/):
  oidc-s3 sync /var/backups                               to backups/server-01/backups/…
  oidc-s3 sync --key backups/server-01/db /var/backups/db --dry-run
  oidc-s3 sync --watch --settle 30 /var/backups
`;
