import childProcess from "node:child_process";
import cluster from "node:cluster";
import workerThreads from "node:worker_threads";
import { patch } from "./patch";
import { refuse } from "./violations";

const REMEDY = "call the code in process, or name the file X.integration.test.ts";

/** Forbids child processes, workers and clusters. @returns allows them again. */
export function forbidProcesses(): (() => void)[] {
  const starts = (what: string) => (command: unknown) => {
    const program =
      typeof command === "string" ? command : ((command as { file?: unknown } | undefined)?.file ?? String(command));
    return refuse(`started ${what}: ${program}`, REMEDY);
  };
  const child = () => starts("a child process");
  return [
    ...(["spawn", "spawnSync", "exec", "execSync", "execFile", "execFileSync", "fork"] as const).map((name) =>
      patch(childProcess, name, child),
    ),
    // Whoever took hold of a function before, such as promisify(execFile), ends up here.
    patch(childProcess.ChildProcess.prototype as unknown as { spawn: unknown }, "spawn", child),
    patch(
      workerThreads,
      "Worker",
      () =>
        // Called with `new`, so it is no arrow function.
        function Worker(file: unknown) {
          starts("a worker")(String(file));
        },
    ),
    patch(cluster, "fork", () => () => starts("a cluster's worker")(process.argv[1])),
  ];
}
