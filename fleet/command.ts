import { LONGEST_VENDING_SECONDS } from "../access/client-control";
import type { ClientRole } from "../access/client-role";
import { lastSessionEnd } from "../access/session-revocation";
import { nearest } from "../terminal/nearest";
import { type Change, changed, FleetError, iso, restrictions, withoutEnded } from "./change";
import type { Fleet } from "./fleet";

export const ACTIONS: Readonly<Record<Change | "status", string>> = {
  disable: "no credentials any more (needs --reason)",
  enable: "credentials again; what was revoked stays so",
  quarantine: "credentials that may write and nothing else: backups go on (needs --reason)",
  pause: "no credentials until a time (needs --reason and --until)",
  revoke: "ends access tokens and sessions that are out; the server gets new ones by its secret (needs --reason)",
  networks: "the networks it is to be used from (--from); with --enforce no others (needs --reason)",
  status: "what is true of each NAME, or of every server under a control",
};
export type Action = keyof typeof ACTIONS;

export interface Request {
  readonly environment: string;
  readonly action: Action;
  readonly names: readonly string[];
  readonly reason?: string | undefined;
  /** When it ends by itself, from the time now: both in seconds since 1970. */
  readonly until?: ((now: number) => number) | undefined;
  /** Networks; none for any. */
  readonly from?: readonly string[] | undefined;
  readonly enforce?: boolean | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

export interface Operator {
  readonly fleet: Fleet;
  /** The ARN of who asks, and AWS's time in seconds since 1970: the operator's own clock may be wrong. */
  identify(): Promise<{ readonly arn: string; readonly now: number }>;
  /** Asks a yes or no; undefined where nobody can be asked. */
  readonly ask?: ((question: string) => Promise<boolean>) | undefined;
  print(line: string): void;
}

/** What is told of one server. */
interface Result {
  readonly name: string;
  readonly lines: readonly string[];
  readonly restrictions?: readonly string[];
  readonly error?: string;
}

/**
 * Does what is asked for, server by server; one for which it fails keeps no other from being served.
 * @returns whether everything could be done.
 * @throws {FleetError} before anything is done, where the request is not one.
 */
export async function runFleet(request: Request, operator: Operator): Promise<boolean> {
  checkRequest(request);
  const { fleet } = operator;
  const { arn, now } = await operator.identify();
  const until = request.until?.(now);
  if (until !== undefined && until <= now) throw new FleetError(`--until ${iso(until)} is over: it is ${iso(now)}`);
  const servers = await fleet.servers();
  const named = request.names.map((name) => serverOf(name, servers));
  const { action } = request;
  if (action === "status") return report(await statusOf(named, servers, fleet, now), request, operator);
  await confirm(request, operator);
  const cleaned = await cleanUp(servers, fleet, { arn, now });
  const results: Result[] = [];
  for (const server of named) {
    results.push(
      await attempt(server.serverName, async () => {
        const stored = await fleet.control(server.clientId);
        const { reason, from, enforce } = request;
        const control = changed(stored, { change: action, reason, until, from, enforce, now, by: arn });
        if (control !== stored) await fleet.write(control, stored.version);
        if (action === "revoke" && control.tokensNotBefore !== undefined)
          await fleet.denySessions(server, control.tokensNotBefore);
        const said = lines(server.serverName, control, now);
        return control.disabled || control.writeOnly || (action === "networks" && control.cidrEnforcement === "enforce")
          ? { ...said, lines: [...said.lines, ...outNote(action, now)] }
          : said;
      }),
    );
  }
  return report([...results, ...cleaned], request, operator);
}

function checkRequest({ action, names, reason, until, from, enforce }: Request): void {
  checkNetworks(action, from, enforce);
  if (action === "status") return;
  if (names.length === 0) throw new FleetError(`${action}: name the servers it is for`);
  if (action !== "enable" && !reason?.trim())
    throw new FleetError(`${action}: say why, for those who find it: --reason "INC-42: laptop stolen"`);
  if (action === "pause" && until === undefined)
    throw new FleetError(
      "pause: say until when: --until 2h, or a time as 2026-12-24T18:00Z; without an end it is disable",
    );
  if ((action === "enable" || action === "revoke" || action === "networks") && until !== undefined)
    throw new FleetError(`${action} has no end: leave --until out`);
}

function checkNetworks(action: Action, from: readonly string[] | undefined, enforce: boolean | undefined): void {
  if (action === "networks" && from === undefined)
    throw new FleetError("networks: say which: --from 192.0.2.0/24,198.51.100.7/32, or --from any");
  if (action !== "networks" && (from !== undefined || enforce))
    throw new FleetError(`${action} is of no networks: leave --from and --enforce out`);
  if (from?.length === 0 && enforce) throw new FleetError("from any network there is nothing to enforce: leave it out");
}

/** @throws {FleetError} where no such server is deployed. */
export function serverOf(name: string, servers: ReadonlyMap<string, ClientRole>): ClientRole {
  const server = servers.get(name);
  if (server !== undefined) return server;
  const meant = nearest(name, [...servers.keys()]);
  throw new FleetError(
    `no server ${name} is deployed, so nothing was done${meant === undefined ? "" : `; did you mean ${meant}?`}`,
  );
}

async function confirm({ action, names, yes }: Request, { ask }: Operator): Promise<void> {
  if (names.length < 2 || yes) return;
  const question = `${action} ${names.length} servers: ${names.join(", ")}?`;
  if (ask === undefined) throw new FleetError(`${question} Nobody can be asked here: add --yes`);
  if (!(await ask(question))) throw new FleetError("nothing was done");
}

/** Takes denials off the roles whose sessions have all ended. Only a fault is told: it hinders nothing. */
async function cleanUp(
  servers: ReadonlyMap<string, ClientRole>,
  fleet: Fleet,
  { arn, now }: { readonly arn: string; readonly now: number },
): Promise<Result[]> {
  const controls = await fleet.allControls();
  const faults: Result[] = [];
  for (const server of servers.values()) {
    const control = controls.get(server.clientId);
    if (control === undefined || control instanceof FleetError) continue;
    if (control.sessionsDeniedUntil === undefined || control.sessionsDeniedUntil > now) continue;
    const result = await attempt(server.serverName, async () => {
      const ended = { ...control, sessionsDeniedUntil: undefined, version: control.version + 1 };
      // First the policy: who is interrupted in between takes it away once more; the other way round it would stay.
      await fleet.forgetSessions(server, now);
      await fleet.write({ ...withoutEnded(ended, now), changedBy: arn, changedAt: now }, control.version);
      return { name: server.serverName, lines: [] };
    });
    if (result.error !== undefined) faults.push(result);
  }
  return faults;
}

async function statusOf(
  named: readonly ClientRole[],
  servers: ReadonlyMap<string, ClientRole>,
  fleet: Fleet,
  now: number,
): Promise<Result[]> {
  const controls = await fleet.allControls();
  const asked = named.length > 0 ? named : [...servers.values()].filter(({ clientId }) => controls.has(clientId));
  const known = new Set([...servers.values()].map(({ clientId }) => clientId));
  const results: Result[] = [];
  for (const { serverName, clientId } of asked) {
    const control = controls.get(clientId);
    if (control instanceof FleetError) results.push(failed(serverName, control.message));
    else {
      const result = lines(serverName, control ?? (await fleet.control(clientId)), now);
      if (named.length > 0 || (result.restrictions?.length ?? 0) > 0) results.push(result);
    }
  }
  // What is left of a server that was removed does nothing; its client's id never comes again.
  for (const [clientId, control] of named.length > 0 ? [] : controls) {
    if (known.has(clientId)) continue;
    const name = `client ${clientId}, of no server that is deployed`;
    results.push(control instanceof FleetError ? failed(name, control.message) : lines(name, control, now));
  }
  return results;
}

function lines(name: string, control: Awaited<ReturnType<Fleet["control"]>>, now: number): Result {
  const found = restrictions(control, now);
  const { changedAt, changedBy = "unknown", reason } = control;
  const why =
    changedAt === undefined ? [] : [`  since ${iso(changedAt)}, by ${changedBy}${reason ? `: ${reason}` : ""}`];
  return { name, restrictions: found, lines: [`${name}: ${found.join("; ") || "under no control"}`, ...why] };
}

function outNote(action: Action, now: number): string[] {
  if (action === "revoke") return [];
  return [
    `  sessions that are out work until ${iso(lastSessionEnd(now + LONGEST_VENDING_SECONDS))} at the latest; revoke ends them`,
  ];
}

async function attempt(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    return failed(name, faultOf(error));
  }
}

/** What to do about what AWS refuses. */
const REMEDIES: ReadonlyMap<string, string> = new Map([
  ["ResourceNotFoundException", "deploy the foundation, or see whose credentials these are: npm run check-aws"],
  ["AccessDeniedException", "docs/operations.md has the policy for operators"],
  ["AccessDenied", "docs/operations.md has the policy for operators"],
  ["CredentialsProviderError", "sign in to AWS, or set AWS_PROFILE"],
]);

/** A fault in words, with AWS's code and what to do. */
export function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "Error" || error instanceof FleetError) return error.message;
  return `${error.message} (${error.name}): ${REMEDIES.get(error.name) ?? "run this again"}`;
}

function failed(name: string, error: string): Result {
  return { name, error, lines: [`${name}: FAILED: ${error}`] };
}

function report(results: readonly Result[], { action, json }: Request, { print }: Operator): boolean {
  if (json) print(JSON.stringify(results.map(({ lines: _, ...result }) => result)));
  else if (results.length === 0 && action === "status") print("no server is under a control");
  else for (const line of results.flatMap(({ lines: told }) => told)) print(line);
  return results.every(({ error }) => error === undefined);
}
