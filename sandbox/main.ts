import { setTimeout as sleep } from "node:timers/promises";
import { isAsMustBe, loopSummary, loopTable } from "./acceptance/checks";
import { runLoop } from "./acceptance/loop";
import { howToUse } from "./acceptance/welcome";
import { type Cloud, startCloud } from "./cloud/cloud";
import { parseCommandLine, USAGE, UsageError } from "./command-line";
import { MissingPrerequisitesError } from "./terraform/prerequisites";

const STATUS = { ok: 0, notAsMustBe: 1, usage: 2, missing: 3, interrupted: 130 } as const;

async function main(args: readonly string[]): Promise<number> {
  const { once, help } = parseCommandLine(args);
  if (help) {
    console.log(USAGE);
    return STATUS.ok;
  }
  const interruption = interruptible();
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
    if (once) return rows.every(isAsMustBe) ? STATUS.ok : STATUS.notAsMustBe;
    console.log(await howToUse(cloud));
    const ended = await Promise.race([interruption.happened, cloud.emulator.exited.then(() => "emulator ended")]);
    if (ended === "emulator ended" && !interruption.signal.aborted) {
      console.error("The emulator ended by itself: start again.");
      return STATUS.notAsMustBe;
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

/** The first signal ends everything in order; with a second one the kernel does, by closing our ends of the pipes. */
function interruptible() {
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
  // Only who waits for it wants to know.
  rejected.catch(() => {});
  return { signal: controller.signal, happened, rejected };
}

// The SDK's notice to users of Node.js 20 would stand in the middle of the progress, twice.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

function explain(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`${error.message}\n\n${USAGE}`);
    return STATUS.usage;
  }
  console.error(error instanceof Error ? error.message : error);
  return error instanceof MissingPrerequisitesError ? STATUS.missing : STATUS.notAsMustBe;
}

main(process.argv.slice(2))
  .catch(explain)
  .then(async (status) => {
    process.exitCode = status;
    // Whatever a library still waits for must not keep the terminal: a second is enough for the output to be written.
    await sleep(1_000, undefined, { ref: false });
    process.exit();
  });
