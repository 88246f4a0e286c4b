import { setTimeout as sleep } from "node:timers/promises";
import { parseCommandLine, STATUS, USAGE, UsageError } from "./command-line";
import { listenForInterruption } from "./process/interruption";
import { MissingPrerequisitesError } from "./terraform/prerequisites";

async function main(args: readonly string[]): Promise<number> {
  const interruption = listenForInterruption(STATUS.interrupted);
  const options = parseCommandLine(args);
  if (options.help) {
    console.log(USAGE);
    return STATUS.ok;
  }
  const start = Date.now();
  const progress = (line: string) =>
    console.error(`${String(Math.round((Date.now() - start) / 1000)).padStart(4)} s  ${line}`);
  progress("starting an emulated AWS, to deploy every layer to it: a minute or two");
  // Loaded after the first line: the SDK's clients take seconds.
  const { runSession } = await import("./session.ts");
  return runSession(options, interruption, progress);
}

// Otherwise the SDK's notice to users of Node.js 20 appears twice in the middle of the progress.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    return STATUS.usage;
  }
  console.error(error instanceof Error ? error.message : error);
  return error instanceof MissingPrerequisitesError ? STATUS.missing : STATUS.failed;
}

main(process.argv.slice(2))
  .catch(explain)
  .then(async (status) => {
    process.exitCode = status;
    // A library's open handle must not keep the terminal waiting: one second is enough to flush the output.
    await sleep(1_000, undefined, { ref: false });
    process.exit();
  });
