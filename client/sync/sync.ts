import { realpath, stat } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { UsageError } from "../core/errors";
import { fileFault } from "../core/files";
import { onceEach, printable } from "../core/terminal";
import type { Settings } from "../settings/settings";
import type { Environment } from "../settings/settings-sources";
import type { PartSizes } from "../transfer/limits";
import { formatBytes, Outcome, type Output, Progress, type Terminal } from "../transfer/report";
import { type OpenTransfer, openTransfer } from "../transfer/transfer";
import { above, keepHeapSmall } from "../transfer/upload";
import { planUpload } from "../transfer/upload-plan";
import type { Signature } from "./change";
import { type PassResult, runPass } from "./pass";
import { type SyncIdentity, SyncState, stateDirectory } from "./state";

export interface SyncOptions {
  readonly folder: string;
  /** What all keys start with; by default prefix + the folder's name. */
  readonly key?: string | undefined;
  readonly stateDirectory?: string | undefined;
  readonly followSymlinks: boolean;
  readonly dryRun: boolean;
  readonly all: boolean;
  readonly json: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
  readonly env: Environment;
  /** Only tests have others. */
  readonly sizes?: PartSizes;
}

export interface Walked extends PassResult {
  readonly outcome: Outcome;
}

/** A folder that is synchronised, its state locked, until {@link close}. */
export interface OpenSync {
  /**
   * One walk, which uploads what is new or has changed. What is wrong with single files is reported while the others go
   * on, unless the walk before has reported it.
   * @throws {ClientError} where nothing else can succeed.
   */
  pass(rests?: (key: string, signature: Signature) => boolean): Promise<Walked>;
  close(): void;
}

/** The command `sync` without `--watch`. */
export async function sync(settings: Settings, options: SyncOptions, output: Output): Promise<void> {
  const open = await openSync(() => settings, options, output);
  try {
    const { outcome } = await open.pass();
    outcome.end("were not uploaded");
  } finally {
    open.close();
  }
}

/**
 * Finds out where the folder goes, and takes its state.
 * @param loadSettings called for each walk, so that a rotated secret needs no restart
 * @throws {ClientError} where the command itself is wrong, or another process has the state: nothing is sent then.
 */
export async function openSync(loadSettings: () => Settings, options: SyncOptions, output: Output): Promise<OpenSync> {
  keepHeapSmall();
  const { folder, followSymlinks, dryRun, all, json, signal, terminal, sizes } = options;
  await requireFolder(folder);
  let progress: Progress | undefined;
  const say = (message: string): void => above(progress, () => output.say(message));
  const report = onceEach(say);
  const connect = (settings: Settings): Promise<OpenTransfer> =>
    openTransfer(settings, {
      scope: "write",
      signal,
      report,
      onBytes: (bytes) => progress?.addBytes(bytes),
      ...(sizes ? { sizes } : {}),
    });
  const settings = loadSettings();
  const first = await connect(settings);
  first.s3.destroy();
  const { prefix, bucket, endpoint } = first;
  const [root] = await planUpload(prefix, { files: [folder], key: options.key, recursive: true });
  const key = root?.key ?? "";
  const identity = { folder: await realpath(folder), endpoint: endpoint.url, bucket, key };
  const state = SyncState.open(options.stateDirectory ?? stateDirectory(options.env), identity);
  const own = await keysOf([dirname(state.path), settings.cacheDirectory], identity);

  let told = new Set<string>();

  return {
    close: () => state.close(),
    async pass(rests) {
      let opened: Promise<OpenTransfer> | undefined;
      const transfer = (): Promise<OpenTransfer> => {
        opened ??= connect(loadSettings()).then((fresh) => samePlace(fresh, first));
        return opened;
      };
      progress = new Progress(terminal);
      const telling = new Set<string>();
      const once = (message: string): void => {
        telling.add(message);
        if (!told.has(message)) say(message);
      };
      const outcome = new Outcome({ say: once, print: (line) => above(progress, () => output.print(line)) }, json);
      let result: PassResult;
      try {
        const pass = {
          folder,
          key,
          prefix,
          bucket,
          state,
          own,
          transfer,
          outcome,
          say: once,
          signal,
          followSymlinks,
          dryRun,
          all,
        };
        result = await runPass({ ...pass, rests, onFile: () => progress?.addFile() });
      } finally {
        progress.end();
        progress = undefined;
        told = telling;
        await opened?.then(({ s3 }) => s3.destroy()).catch(() => {});
      }
      if (!dryRun && outcome.failures === 0) state.keepOnly(result.keys);
      if (result.uploaded > 0 || rests === undefined) tell(result, outcome, { json, dryRun }, output);
      return { ...result, outcome };
    },
  };
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    throw fileFault(error, folder);
  });
  if (!found.isDirectory()) {
    throw new UsageError(`${printable(folder)} is no folder`, { remedy: 'One file is sent by "oidc-s3 upload"' });
  }
}

/** What the keys of everything in these folders start with, as far as they are in the one that is uploaded. */
async function keysOf(folders: readonly (string | undefined)[], { folder, key }: SyncIdentity): Promise<string[]> {
  const found = await Promise.all(folders.map((path) => path && realpath(path).catch(() => undefined)));
  return found.flatMap((path) => {
    const inside = path === undefined ? ".." : relative(folder, path);
    if (inside === ".." || inside.startsWith("../")) return [];
    return inside === "" ? key : `${key}${inside}/`;
  });
}

/** What was found at the start decides about the keys: another prefix needs another start. */
function samePlace(fresh: OpenTransfer, first: OpenTransfer): OpenTransfer {
  if (fresh.bucket === first.bucket && fresh.prefix === first.prefix) return fresh;
  fresh.s3.destroy();
  throw new UsageError(`this server now writes to s3://${fresh.bucket}/${fresh.prefix}`, { remedy: "Start it again" });
}

function tell(
  { uploaded, bytes, unchanged, skipped, waiting }: PassResult,
  outcome: Outcome,
  { json, dryRun }: { readonly json: boolean; readonly dryRun: boolean },
  output: Output,
): void {
  const failed = outcome.failures;
  if (json) {
    output.print(
      JSON.stringify({ summary: { uploaded, bytes, unchanged, skipped, waiting, failed, dry_run: dryRun } }),
    );
    return;
  }
  const counts = [
    `${uploaded} ${dryRun ? "would be uploaded" : "uploaded"} (${formatBytes(bytes)})`,
    `${unchanged} unchanged`,
    ...(skipped > 0 ? [`${skipped} left out`] : []),
    ...(waiting > 0 ? [`${waiting} still changing`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ];
  output.say(counts.join(", "));
}
