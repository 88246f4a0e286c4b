import type { ClientActivity } from "../access/client-activity";
import type { ClientControl } from "../access/client-control";
import type { ClientRole } from "../access/client-role";
import { tokensPerServer } from "../cost/estimate";
import { FleetError, iso, restrictions, withoutEnded } from "./change";
import { faultOf } from "./command";
import type { Fleet } from "./fleet";
import { MOST_LISTED, type NewestObject, type Uploads } from "./uploads";

/** So many prefixes are listed at once. */
const LISTED_AT_ONCE = 8;

export interface ReportOptions {
  /** Seconds since 1970. */
  readonly now: number;
  /** Seconds without credentials after which a server is silent. */
  readonly silentAfter: number;
  /** Seconds without a new object after which a server that may write is stale; undefined where that is no fault. */
  readonly staleAfter?: number | undefined;
  /** Hours that a server's tokens are valid, where the configuration has the server. */
  tokenHours(server: string): number | undefined;
}

/**
 * What is to be said of a server first: `fault`, it could not be found out; `off`, it gets no credentials at the moment;
 * `silent`, it was not seen; `stale`, it was seen and wrote nothing new.
 */
export const STATES = ["fault", "silent", "stale", "off", "ok"] as const;
export type State = (typeof STATES)[number];

export interface ServerReport {
  readonly server: string;
  readonly state: State;
  readonly level: string;
  readonly prefix: string;
  /** When it was last given credentials, in ISO 8601, to within some hours; null for never. */
  readonly last_seen: string | null;
  readonly newest_object: { readonly key: string; readonly at: string; readonly all_listed: boolean } | null;
  /** What it is under, in words. */
  readonly controls: readonly string[];
  /** An estimate while its daemon runs, by docs/costs.md; null for one that the configuration does not have. */
  readonly tokens_a_month: number | null;
  readonly fault?: string;
}

/** Looks at every server that is deployed, the worst first. */
export async function reportOn(fleet: Fleet, uploads: Uploads, options: ReportOptions): Promise<ServerReport[]> {
  const [servers, controls, activity] = await Promise.all([fleet.servers(), fleet.allControls(), fleet.activity()]);
  const objects = await inParallel([...servers.values()], LISTED_AT_ONCE, (server) =>
    uploads.newest(server.s3PathPrefix).catch((error: unknown) => new FleetError(faultOf(error))),
  );
  const reports = [...servers.values()].map((server, index) => {
    const { clientId } = server;
    const findings = { control: controls.get(clientId), activity: activity.get(clientId), newest: objects[index] };
    return serverReport(server, findings, options);
  });
  const order = ({ state }: ServerReport) => STATES.indexOf(state);
  return reports.sort((a, b) => order(a) - order(b) || (a.server < b.server ? -1 : 1));
}

/** What the tables and the bucket have of one server; a fault in place of what could not be read. */
interface Findings {
  readonly control: ClientControl | FleetError | undefined;
  readonly activity: ClientActivity | FleetError | undefined;
  readonly newest: NewestObject | FleetError | undefined;
}

function serverReport(server: ClientRole, findings: Findings, options: ReportOptions): ServerReport {
  const { now, tokenHours } = options;
  const control = known(findings.control);
  const lastSeen = known(findings.activity)?.lastSeen;
  const newest = known(findings.newest);
  const hours = tokenHours(server.serverName);
  const { state, fault } = stateOf(server, findings, options);
  return {
    server: server.serverName,
    state,
    level: server.s3Permissions,
    prefix: server.s3PathPrefix,
    last_seen: lastSeen === undefined ? null : iso(lastSeen),
    newest_object: newest === undefined ? null : { key: newest.key, at: iso(newest.at), all_listed: newest.allListed },
    controls: control === undefined ? [] : restrictions(control, now),
    tokens_a_month: hours === undefined ? null : Math.round(tokensPerServer(hours)),
    ...(fault === undefined ? {} : { fault }),
  };
}

function stateOf(
  server: ClientRole,
  { control, activity, newest }: Findings,
  { now, silentAfter, staleAfter }: ReportOptions,
): { readonly state: State; readonly fault?: string } {
  const faults = [control, activity, newest].flatMap((found) => (found instanceof FleetError ? [found.message] : []));
  if (faults.length > 0) return { state: "fault", fault: faults.join("; ") };
  const isOlder = (time: number | undefined, seconds: number) => time === undefined || now - time > seconds;
  const controlled = known(control);
  if (controlled !== undefined && withoutEnded(controlled, now).disabled) return { state: "off" };
  if (isOlder(known(activity)?.lastSeen, silentAfter)) return { state: "silent" };
  const object = known(newest);
  const isStale = staleAfter !== undefined && server.allowedScopes.includes("write") && isOlder(object?.at, staleAfter);
  if (!isStale) return { state: "ok" };
  if (object === undefined || object.allListed) return { state: "stale" };
  const most = MOST_LISTED.toLocaleString("en");
  return { state: "fault", fault: `its newest object is not known: more than ${most} lie under its prefix` };
}

function known<T>(found: T | FleetError): T | undefined {
  return found instanceof FleetError ? undefined : found;
}

async function inParallel<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const next = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return results;
}
