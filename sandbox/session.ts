import { runApiScenario } from "./acceptance/api-scenario";
import { type CheckRow, meetsExpectation } from "./acceptance/checks";
import { runLoop } from "./acceptance/loop";
import { checksJson, checksText } from "./acceptance/report";
import { screenOf } from "./acceptance/screen";
import { access, howToUse } from "./acceptance/welcome";
import { type Cloud, startCloud } from "./cloud/cloud";
import { deployGroups } from "./cloud/deployed-layers";
import { type CommandLine, type Part, STATUS } from "./command-line";
import type { Interruption } from "./process/interruption";
import { MissingPrerequisitesError } from "./terraform/prerequisites";
import { findProgram } from "./terraform/terraform";

/**
 * Starts the cloud, checks it, and keeps it up until it is interrupted, or ends it after the checks.
 * @returns the exit status.
 */
export async function runSession(
  { once, only, verbose, json }: CommandLine,
  interruption: Interruption,
  progress: (line: string) => void,
): Promise<number> {
  let cloud: Cloud | undefined;
  try {
    const environments = process.env.OIDC_S3_ENVIRONMENTS_DIR;
    const signal = interruption.signal;
    cloud = await startCloud({ ...(environments ? { environments } : {}), deploy: [], progress, signal });
    const checks = deployAndCheck(cloud, { once, only, signal, progress });
    const rows = await Promise.race([checks, interruption.rejected]);
    const { servers } = cloud.config.servers;
    const ways = once ? undefined : await access(cloud, layersFor(cloud, only).flat());
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

interface CheckOptions extends Pick<CommandLine, "once" | "only"> {
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/**
 * Deploys the layers, those that have nothing to do with each other side by side, and checks them. The API's checks come
 * as soon as it is deployed, and deploy it once more; the servers' come last, for the emulator refuses every
 * administrator while they run.
 */
async function deployAndCheck(cloud: Cloud, { once, only, signal, progress }: CheckOptions): Promise<CheckRow[]> {
  const groups = layersFor(cloud, only);
  if (groups.length === 0) throw new Error(`${cloud.config.name} has no layer ${only}: see docs/configuration.md`);
  if (groups.flat().includes("api") && (await findProgram("curl", process.env)) === undefined) {
    throw new MissingPrerequisitesError([
      "curl is not on PATH, and the API is called by the documented commands: install it, or leave the API out by --only servers.",
    ]);
  }
  const inTurn = async (group: readonly string[]) => {
    await cloud.deployInTurn(group, signal);
    return group.includes("api") ? runApiScenario(cloud, { restore: !once, progress }) : [];
  };
  const apiRows = (await Promise.all(groups.map(inTurn))).flat();
  if (!groups.flat().includes("servers")) return apiRows;
  progress("the loop, for every server: token, credentials, put, get, list, delete");
  return [...(await runLoop(cloud)), ...apiRows];
}

/** The layers of the part that is asked for, or of all, in groups that are deployed side by side. */
function layersFor(cloud: Cloud, only: Part | undefined): string[][] {
  return deployGroups(cloud.config).filter((group) => only === undefined || group.includes(only));
}
