import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * The program runs under a shell that leads a process group of its own and ends the whole group when its standard
 * input closes. The kernel closes it when we die, by kill -9 too, so nothing can outlive us.
 */
const WATCHDOG = `
trap : TERM INT HUP
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
( trap '' TERM; read -r _ <&3; kill -TERM 0; sleep 3; kill -KILL 0 ) >/dev/null 2>&1 &
watchdog=$!
exec 3<&-
while :; do
  wait "$program"
  status=$?
  kill -0 "$program" 2>/dev/null || break
done
kill -KILL "$watchdog" 2>/dev/null
exit "$status"
`;

const GRACE_MS = 3_000;

export interface SupervisedProcess {
  /** The process group that everything the program starts belongs to. */
  readonly pid: number;
  /** The exit status; 128 + the signal's number, as shells count, when a signal ended it. */
  readonly exited: Promise<number>;
  readonly child: ChildProcess;
  /**
   * Ends the whole process group, by force after `graceMs` milliseconds (3,000 by default), and waits until nothing
   * of it is left.
   */
  stop(graceMs?: number): Promise<void>;
}

export interface SupervisedOptions {
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  /** The file descriptor that both outputs are written to; without it they can be read from `child`. */
  readonly outputFd?: number;
}

/** Starts a program that dies with us, together with everything that it starts in its process group. */
export function startSupervised(
  command: string,
  args: readonly string[],
  { cwd, env, outputFd }: SupervisedOptions,
): SupervisedProcess {
  const output = outputFd ?? "pipe";
  const child = spawn("/bin/sh", ["-c", WATCHDOG, "sh", command, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdio: ["pipe", output, output],
    detached: true,
  });
  const exited = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal === "SIGKILL" ? 137 : 143)));
  });
  // Prevents an unhandled rejection; callers that await still see it.
  exited.catch(() => {});
  child.stdin?.on("error", () => {});
  return { pid: child.pid ?? 0, exited, child, stop: (graceMs = GRACE_MS) => stopGroup(child.pid, graceMs) };
}

async function stopGroup(group: number | undefined, graceMs: number): Promise<void> {
  if (group === undefined) return;
  signalGroup(group, "SIGTERM");
  const deadline = Date.now() + graceMs;
  while (groupIsAlive(group)) {
    if (Date.now() >= deadline) signalGroup(group, "SIGKILL");
    await sleep(20);
  }
}

function groupIsAlive(group: number): boolean {
  return signalGroup(group, 0);
}

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch (error) {
    // EPERM is macOS's answer for a group of which only zombies are left.
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ESRCH" || code === "EPERM") return false;
    throw error;
  }
}
