import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSupervised } from "../../../sandbox/process/supervised-process";
import { eventually } from "../../support/sandbox-run";

const env = { PATH: process.env.PATH };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-supervised-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie is dead and only waits for its parent to reap it.
    return process.platform !== "linux" || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** The process ids that a script wrote into the file, once there are `count` of them. */
async function pidsIn(file: string, count: number): Promise<number[]> {
  const read = () => {
    try {
      return readFileSync(file, "utf8").trim().split("\n").map(Number);
    } catch {
      return [];
    }
  };
  await eventually(() => read().length >= count, 10);
  return read();
}

it.each([0, 3])("a program's status %i is handed on", async (status) => {
  expect(await startSupervised("sh", ["-c", `exit ${status}`], { env }).exited).toBe(status);
});

it("arguments reach the program as they are", async () => {
  const started = startSupervised("printf", ["%s|", "a b", "$HOME", "'", ""], { env });
  let output = "";
  started.child.stdout?.on("data", (chunk: Buffer) => (output += chunk));
  await started.exited;
  expect(output).toBe("a b|$HOME|'||");
});

it("a program that does not exist", async () => {
  expect(await startSupervised("no-such-program", [], { env }).exited).toBe(127);
});

const FAMILY = 'sleep 60 & echo $! >> "$0"; echo $$ >> "$0"; wait';
const STUBBORN = `trap "" TERM; ${FAMILY}; wait; sleep 60`;

it.each([
  ["a program with children", FAMILY],
  ["a program that ignores SIGTERM", STUBBORN],
])("stop ends %s, and waits until nothing is left", async (_, script) => {
  const file = join(folder, "pids");
  const started = startSupervised("sh", ["-c", script, file], { env });
  const pids = await pidsIn(file, 2);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await started.stop(300);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

it.each([
  ["a program with children", FAMILY],
  ["a program that ignores SIGTERM", STUBBORN],
])(
  "when we are killed, %s ends by itself",
  async (_, script) => {
    const file = join(folder, "pids");
    const start = `require(${JSON.stringify(join(__dirname, "../../../sandbox/process/supervised-process.ts"))})
    .startSupervised("sh", ["-c", ${JSON.stringify(script)}, ${JSON.stringify(file)}], { env: process.env })`;
    const parent = spawn(process.execPath, ["--import", "tsx", "-e", start], { stdio: "ignore" });
    const pids = await pidsIn(file, 2);
    expect(pids.map(isAlive)).toEqual([true, true]);
    parent.kill("SIGKILL");
    expect(await eventually(() => !pids.some(isAlive), 8)).toBe(true);
  },
  20_000,
);
