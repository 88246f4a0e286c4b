import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cdktfCli } from "../../layers/cdktf-cli";
import { type SupervisedProcess, startSupervised } from "../process/supervised-process";

export const PROJECT_FOLDER = join(__dirname, "../..");

/** Several cdktf or Terraform commands at once in one folder would trip over each other's files. */
export interface Cdktf {
  /** Holds the synthesised `stacks/<name>/`. */
  readonly output: string;
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

export function createCdktf(folder: string, env: NodeJS.ProcessEnv): Cdktf {
  const output = join(folder, "cdktf.out");
  const running = new Set<SupervisedProcess>();
  let runs = 0;
  let stopped = false;
  return {
    output,
    async run(args, options = {}) {
      runs += 1;
      const logFile = join(folder, `cdktf-${runs}-${args[0]}.log`);
      const log = openSync(logFile, "w", 0o600);
      const [command = "", ...rest] = args;
      const started = startSupervised(process.execPath, [cdktfCli().file, command, "--output", output, ...rest], {
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
        if (stopped) throw new Error(`cdktf ${command} was stopped`);
        return { status, output: await read(), logFile };
      } finally {
        clearInterval(ticking);
        running.delete(started);
      }
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
