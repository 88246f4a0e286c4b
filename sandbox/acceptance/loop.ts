import type { ServerConfig } from "../../config/schema/types";
import type { Cloud } from "../cloud/cloud";
import type { ClientConfig } from "../process/administrator";
import type { CheckRow, Verdict } from "./checks";
import { functionRows } from "./function-checks";
import { BucketTrials, OPERATIONS, type Operation, objectRows, objectVerdicts, placesOutside } from "./object-checks";
import { narrowedRows, requestCredentials, requestToken, tokenRows } from "./token-checks";

/** The emulator's IAM refuses any signed list whose prefix has a slash, so it is not asked about lists. */
const KNOWN_TO_EMULATOR: readonly Operation[] = ["put", "get", "delete"];

interface Participant {
  readonly server: ServerConfig;
  readonly outside: readonly string[];
  readonly config: ClientConfig;
}

/**
 * Runs the whole chain once for every server: token, credentials, and each operation inside and outside of its prefix.
 * The emulator's IAM decides by the deployed role policies, policy evaluation by these and the session policy together.
 */
export async function runLoop(cloud: Cloud): Promise<CheckRow[]> {
  const { servers } = cloud.config.servers;
  const rows = new Map<string, CheckRow[]>();
  const participants: Participant[] = [];
  for (const server of servers) {
    rows.set(server.name, await tokenRows(cloud, server));
    const config = await credentialsOf(cloud, server.name);
    // The row above says why there are none.
    if (config !== undefined) participants.push({ server, outside: placesOutside(server, servers), config });
  }

  const seeds = new BucketTrials(cloud.clientConfig, cloud.foundation.bucket_name, "emulator's IAM");
  const places = new Set(participants.flatMap(({ server, outside }) => [server.s3PathPrefix, ...outside]));
  const seed = async () => {
    for (const place of places) await seeds.carryOut("put", place);
  };
  const decideAll = async (endpoint: string, by: Verdict["by"], operations: readonly Operation[]) => {
    const decided = new Map<string, Map<string, Verdict[]>>();
    for (const { server, outside, config } of participants) {
      const trials = new BucketTrials({ ...config, endpoint }, cloud.foundation.bucket_name, by);
      decided.set(server.name, await objectVerdicts(trials, operations, server, outside));
      trials.close();
    }
    return decided;
  };

  await seed();
  await cloud.emulator.enforceIam(true);
  const byEmulator = await decideAll(cloud.emulator.url, "emulator's IAM", KNOWN_TO_EMULATOR).finally(() =>
    cloud.emulator.enforceIam(false),
  );
  await seed();
  const byPolicies = await decideAll(cloud.awsEndpoint, "policy evaluation", OPERATIONS);
  await seed();
  for (const { server, outside } of participants) {
    const decided = [byEmulator, byPolicies].flatMap((all) => all.get(server.name) ?? []);
    rows.get(server.name)?.push(...objectRows(server, outside, decided), ...(await narrowedRows(cloud, server)));
  }
  for (const place of places) await seeds.carryOut("delete", place);
  seeds.close();
  return [...[...rows.values()].flat(), ...(await functionRows(cloud))];
}

async function credentialsOf(cloud: Cloud, server: string): Promise<ClientConfig | undefined> {
  const settings = cloud.settingsOf(server);
  try {
    return await requestCredentials(settings, await requestToken(settings), cloud.awsEndpoint);
  } catch {
    return undefined;
  }
}
