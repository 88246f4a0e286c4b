import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** `npm start` as a user's terminal runs it: in a process group of its own, with a temporary folder of its own. */
export interface SandboxRun {
  /** All that it has printed so far. */
  readonly output: () => string;
  /** What of it went to stdout: results. */
  readonly results: () => string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Waits until it has printed this, and returns the match. @throws {Error} when it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** What Ctrl-C and its like do: the signal goes to every process of the terminal's foreground group. */
  signal(name: NodeJS.Signals): void;
  /** The command lines of all processes that were started by it, however indirectly, and still live. */
  processes(): string[];
  /** What is left in its temporary folder. */
  leftFiles(): string[];
  /** Ends whatever is left, for the sake of the next test. */
  cleanUp(): Promise<void>;
}

const PROJECT = join(__dirname, "..", "..");

/**
 * `npm` runs it as the README says. As npm dies of the signal that it gets, only `node` shows the sandbox's own status.
 */
const PROGRAMS = {
  npm: ["npm", "start", "--silent", "--"],
  node: [process.execPath, "--import", "tsx", "sandbox/main.ts"],
} as const;

export function startSandboxRun(
  through: keyof typeof PROGRAMS,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): SandboxRun {
  const temporary = mkdtempSync(join(tmpdir(), "oidc-s3-run-"));
  const [program, ...before] = PROGRAMS[through];
  const child = spawn(program, [...before, ...args], {
    cwd: PROJECT,
    env: { ...process.env, ...env, TMPDIR: temporary },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let results = "";
  child.stdout.on("data", (chunk: Buffer) => (results += chunk));
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  let ended = false;
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      ended = true;
      resolve({ code, signal });
    });
  });
  const group = child.pid ?? 0;
  return {
    output: () => output,
    results: () => results,
    exited,
    async waitFor(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (ended) throw new Error(`it ended without printing ${pattern}:\n${output}`);
        await sleep(50);
      }
    },
    signal: (name) => void process.kill(-group, name),
    processes: () => marked(temporary).map(({ command }) => command),
    leftFiles: () => readdirSync(temporary).filter((name) => !name.startsWith("tsx-")),
    async cleanUp() {
      for (const { pid } of marked(temporary)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It ended by itself meanwhile.
        }
      }
      await rm(temporary, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Waits until a condition holds, for seconds at most. */
export async function eventually(holds: () => boolean, seconds: number): Promise<boolean> {
  for (const deadline = Date.now() + seconds * 1000; Date.now() < deadline; await sleep(100)) {
    if (holds()) return true;
  }
  return holds();
}

/** Every process inherits the temporary folder's name in its environment, whatever group or session it is in. */
function marked(temporary: string): { pid: number; command: string }[] {
  // Some get a subfolder of it as their own.
  const mark = `TMPDIR=${temporary}`;
  if (process.platform !== "linux") {
    const lines = execFileSync("ps", ["-Eww", "-axo", "pid=,command="], { encoding: "utf8" }).split("\n");
    return lines
      .filter((line) => line.includes(mark))
      .map((line) => ({ pid: Number.parseInt(line, 10), command: line }));
  }
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/environ`, "utf8").includes(mark)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      // A zombie has no command line: it only waits for its parent to reap it.
      return command === "" ? [] : [{ pid: Number(name), command }];
    } catch {
      return [];
    }
  });
}
