import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What a command took, with every process that it started and waited for. */
export interface ChildUsage {
  readonly status: number;
  readonly seconds: number;
  /** What a machine with nothing else to do would need, on one core. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

/** Node.js knows what its children took only together; Python's `resource` is in a process with a single one. */
const MEASURE = `
import json, resource, subprocess, sys, time
began = time.monotonic()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"status": status, "seconds": time.monotonic() - began, "cpuSeconds": usage.ru_utime + usage.ru_stime, "peakMegabytes": usage.ru_maxrss / 1024}))
`;

/**
 * Runs a command to its end, without what it writes to stdout.
 * @throws {Error} with what it wrote to stderr, where its exit status is not the one that is expected.
 */
export async function measureCommand(
  command: readonly string[],
  { cwd, env, status: expected = 0 }: { cwd: string; env: NodeJS.ProcessEnv; status?: number },
): Promise<ChildUsage> {
  const { stdout, stderr } = await promisify(execFile)("python3", ["-c", MEASURE, ...command], { cwd, env });
  const usage = JSON.parse(stdout) as ChildUsage;
  if (usage.status !== expected) {
    throw new Error(`${command.slice(0, 4).join(" ")} ended with status ${usage.status}, not ${expected}:\n${stderr}`);
  }
  return usage;
}
