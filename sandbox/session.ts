import type { ServerConfig } from "../config/schema/types";
import { runApiScenario } from "./acceptance/api-scenario";
import { type CheckRow, meetsExpectation } from "./acceptance/checks";
import { runFleetScenario, serverToControl } from "./acceptance/fleet-scenario";
import { runLoop } from "./acceptance/loop";
import { runPeopleScenario } from "./acceptance/people-scenario";
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
    // While the cloud stays up, nothing of it is deployed here any more.
    await cloud.providers.stop();
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
 * as soon as it is deployed, and deploy it once more, people's as soon as there is what they reach, and an operator's as
 * soon as there are servers; the loop of all servers comes last, for the emulator refuses every administrator while they run.
 */
async function deployAndCheck(cloud: Cloud, { once, only, signal, progress }: CheckOptions): Promise<CheckRow[]> {
  const groups = layersFor(cloud, only);
  if (groups.length === 0) throw new Error(`${cloud.config.name} has no layer ${only}: see docs/configuration.md`);
  if (groups.flat().includes("api") && (await findProgram("curl", process.env)) === undefined) {
    throw new MissingPrerequisitesError([
      "curl is not on PATH, and the API is called by the documented commands: install it, or leave the API out by --only servers.",
    ]);
  }
  const deployments = cloud.deployGroups(groups, signal);
  const has = (layer: string) => groups.some((group) => group.includes(layer));
  /** When each group that has one of these layers is deployed. */
  const deployed = (...layers: string[]) =>
    Promise.all(deployments.filter((_, index) => groups[index]?.some((layer) => layers.includes(layer))));
  const api = async () => {
    await deployed("api");
    return runApiScenario(cloud, { restore: !once, progress });
  };
  const people = async () => {
    // Their bucket is the foundation's.
    await deployed("users", "foundation");
    return runPeopleScenario(cloud, { progress });
  };
  const controlled = serverToControl(cloud.config.servers.servers);
  const operations = async (server: ServerConfig) => {
    await deployed("servers");
    return runFleetScenario(cloud, server, { progress, signal });
  };
  const scenarios = [
    ...(has("servers") && controlled !== undefined ? [operations(controlled)] : []),
    ...(has("api") ? [api()] : []),
    ...(has("users") ? [people()] : []),
  ];
  const others = (await Promise.all([...scenarios, ...deployments.map((each) => each.then(() => []))])).flat();
  if (only === "users" || !has("servers")) return others;
  progress("the loop, for every server: token, credentials, put, get, list, delete");
  return [...(await runLoop(cloud)), ...others];
}

/** The layers of the part that is asked for, or of all, in groups that are deployed side by side. */
function layersFor(cloud: Cloud, only: Part | undefined): string[][] {
  const groups = deployGroups(cloud.config);
  if (only === undefined) return groups;
  const own = groups.filter((group) => group.includes(only));
  if (only !== "users" || own.length === 0) return own;
  return [...own, ...groups.flatMap((group) => (group.includes("foundation") ? [["foundation"]] : []))];
}
