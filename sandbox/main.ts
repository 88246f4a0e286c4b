import { setTimeout as sleep } from "node:timers/promises";
import { loopSummary, loopTable, meetsExpectation } from "./acceptance/checks";
import { runLoop } from "./acceptance/loop";
import { howToUse } from "./acceptance/welcome";
import { type Cloud, startCloud } from "./cloud/cloud";
import { parseCommandLine, USAGE, UsageError } from "./command-line";
import { MissingPrerequisitesError } from "./terraform/prerequisites";

const STATUS = { ok: 0, failed: 1, usage: 2, missing: 3, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  const { once, help } = parseCommandLine(args);
  if (help) {
    console.log(USAGE);
    return STATUS.ok;
  }
  const interruption = listenForInterruption();
  const start = Date.now();
  const progress = (line: string) =>
    console.log(`${String(Math.round((Date.now() - start) / 1000)).padStart(4)} s  ${line}`);
  let cloud: Cloud | undefined;
  try {
    const environments = process.env.OIDC_S3_ENVIRONMENTS_DIR;
    cloud = await startCloud({ ...(environments ? { environments } : {}), progress, signal: interruption.signal });
    progress("the loop: token, credentials, put, get, list and delete, for every server");
    const rows = await Promise.race([runLoop(cloud), interruption.rejected]);
    console.log(`\n${loopTable(rows)}\n\n${loopSummary(rows)}`);
    if (once) return rows.every(meetsExpectation) ? STATUS.ok : STATUS.failed;
    console.log(await howToUse(cloud));
    const ended = await Promise.race([interruption.happened, cloud.emulator.exited.then(() => "emulator ended")]);
    if (ended === "emulator ended" && !interruption.signal.aborted) {
      console.error("The emulator ended by itself: start again.");
      return STATUS.failed;
    }
    return STATUS.ok;
  } catch (error) {
    if (interruption.signal.aborted) return STATUS.interrupted;
    throw error;
  } finally {
    if (interruption.signal.aborted) console.log("\nStopping.");
    await cloud?.stop();
  }
}

/**
 * The first signal ends everything in order; after a second one the kernel does, by closing our ends of the pipes.
 * Unlike the client's `interruptible`, an interruption is no error here: it is how a cloud that is up ends.
 */
function listenForInterruption() {
  const controller = new AbortController();
  const happened = new Promise<"interrupted">((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) process.exit(STATUS.interrupted);
        controller.abort();
        resolve("interrupted");
      });
    }
  });
  const rejected = happened.then((): never => controller.signal.throwIfAborted() as never);
  // Prevents an unhandled rejection; callers that await still see it.
  rejected.catch(() => {});
  return { signal: controller.signal, happened, rejected };
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
