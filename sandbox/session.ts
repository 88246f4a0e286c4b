import { meetsExpectation } from "./acceptance/checks";
import { runLoop } from "./acceptance/loop";
import { checksJson, checksText } from "./acceptance/report";
import { screenOf } from "./acceptance/screen";
import { access, howToUse } from "./acceptance/welcome";
import { type Cloud, startCloud } from "./cloud/cloud";
import { type CommandLine, STATUS } from "./command-line";
import type { Interruption } from "./process/interruption";

/**
 * Starts the cloud, checks it, and keeps it up until it is interrupted, or ends it after the checks.
 * @returns the exit status.
 */
export async function runSession(
  { once, verbose, json }: CommandLine,
  interruption: Interruption,
  progress: (line: string) => void,
): Promise<number> {
  let cloud: Cloud | undefined;
  try {
    const environments = process.env.OIDC_S3_ENVIRONMENTS_DIR;
    cloud = await startCloud({ ...(environments ? { environments } : {}), progress, signal: interruption.signal });
    progress("the loop, for every server: token, credentials, put, get, list, delete");
    const { servers } = cloud.config.servers;
    const rows = await Promise.race([runLoop(cloud), interruption.rejected]);
    const ways = once ? undefined : await access(cloud);
    const screen = screenOf(process.stdout);
    if (json) console.log(checksJson(rows, servers, ways));
    else console.log(`\n${checksText(rows, servers, { verbose, screen })}`);
    if (ways === undefined) return rows.every(meetsExpectation) ? STATUS.ok : STATUS.failed;
    if (!json) console.log(`\n${howToUse(ways, screen)}`);
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
    if (interruption.signal.aborted) console.error("\nStopping.");
    await cloud?.stop();
  }
}
