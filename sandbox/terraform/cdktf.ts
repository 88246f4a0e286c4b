import { closeSync, existsSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cdktfCli } from "../../layers/cdktf-cli";
import { type SupervisedProcess, startSupervised } from "../process/supervised-process";
import type { ProviderVariables, RunningProviders } from "./running-providers";

export const PROJECT_FOLDER = join(__dirname, "../..");

/** Several cdktf or Terraform commands at once in one folder would trip over each other's files. */
export interface Cdktf {
  /** Holds the synthesised `stacks/<name>/`. */
  readonly output: string;
  /**
   * Synthesises as `cdktf synth` does, by the app itself: the command takes as long once more to load.
   * @throws {Error} with the app's message where it refuses the configuration.
   */
  synthesise(options?: CdktfRunOptions): Promise<void>;
  /**
   * Runs the real cdktf CLI on the project, with an output folder of its own, until it ends.
   * @returns its exit status and its output.
   */
  run(args: readonly string[], options?: CdktfRunOptions): Promise<CdktfResult>;
  /** Ends the running commands and everything that they started; their `run` then rejects. */
  stop(): Promise<void>;
}

export interface CdktfRunOptions {
  /** Added to the environment of all runs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called every half second with the output so far. */
  readonly onOutput?: (output: string) => void;
}

export interface CdktfResult {
  readonly status: number;
  readonly output: string;
  /** Holds the whole output. */
  readonly logFile: string;
}

/** @param providers that deployments use, instead of starting one for each of Terraform's steps */
export function createCdktf(folder: string, env: NodeJS.ProcessEnv, providers?: RunningProviders): Cdktf {
  const output = join(folder, "cdktf.out");
  const running = new Set<SupervisedProcess>();
  let runs = 0;
  let stopped = false;
  const start = async (name: string, args: readonly string[], options: CdktfRunOptions): Promise<CdktfResult> => {
    runs += 1;
    const logFile = join(folder, `cdktf-${runs}-${name}.log`);
    const log = openSync(logFile, "w", 0o600);
    const started = startSupervised(process.execPath, args, {
      cwd: PROJECT_FOLDER,
      env: { ...env, ...options.env, FORCE_COLOR: "0", CI: "true" },
      outputFd: log,
    });
    closeSync(log);
    running.add(started);
    const read = async () => stripColours(await readFile(logFile, "utf8"));
    // The last tick may come after the folder is gone.
    const tick = () => read().then(options.onOutput, () => {});
    const ticking = options.onOutput === undefined ? undefined : setInterval(tick, 500);
    try {
      const status = await started.exited;
      if (stopped) throw new Error(`cdktf ${name} was stopped`);
      return { status, output: await read(), logFile };
    } finally {
      clearInterval(ticking);
      running.delete(started);
    }
  };
  return {
    output,
    async synthesise(options = {}) {
      const env = { ...options.env, CDKTF_OUTDIR: output };
      const { status, output: said } = await start("synth", ["--import", "tsx", "main.ts"], { ...options, env });
      if (status !== 0) throw new Error(`the synthesis ended with status ${status}:\n${said.trim()}`);
    },
    run(args, options = {}) {
      const [command = "", ...rest] = args;
      const runs = (variables: ProviderVariables) =>
        start(command, [cdktfCli().file, command, "--output", output, ...rest], {
          ...options,
          env: { ...options.env, ...variables },
        });
      const stack = join(output, "stacks", rest[0] ?? "");
      const isSynthesised = command === "deploy" && rest.includes("--skip-synth") && existsSync(stack);
      return providers === undefined || !isSynthesised ? runs({}) : providers.use(stack, runs);
    },
    async stop() {
      stopped = true;
      await Promise.all([...running].map((started) => started.stop()));
    },
  };
}

function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "");
}
