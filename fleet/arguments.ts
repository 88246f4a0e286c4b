import { BlockList, isIPv4, isIPv6 } from "node:net";
import { Argument, Command, InvalidArgumentError } from "commander";
import { SECRET_FINGERPRINT } from "../access/client-activity";
import { MAX_ALLOWED_CIDRS } from "../access/client-control";
import { ACTIONS, type Action, type Request } from "./command";
import type { RotationRequest } from "./rotate";

const ROTATE = "a second secret for NAME, into a file (--to); then --finish takes the old one away";
const REPORT = "every server: last seen, newest object, controls, and which are silent";

const AFTER_HELP = `
Actions:
${Object.entries({ ...ACTIONS, rotate: ROTATE, report: REPORT })
  .map(([name, does]) => `  ${name.padEnd(10)} ${does}`)
  .join("\n")}

Works with your own AWS credentials, from the usual places, in the region of foundation.tfvars. Each action may be run
again. For more than one server it asks first. Exits with 0 when everything could be done, otherwise with 1; report with
3 where a server is silent or has written nothing new.

Examples:
  npm run fleet -- prod disable db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod revoke db-01 --reason "INC-42: laptop stolen"
  npm run fleet -- prod pause db-01 db-02 --until 2h --reason "maintenance" --yes
  npm run fleet -- prod networks db-01 --from 192.0.2.0/24 --enforce --reason "INC-42: bound to its site"
  npm run fleet -- prod rotate db-01 --to db-01.env
  npm run fleet -- prod status
  npm run --silent fleet -- prod report --silent 26h --stale 26h --html fleet.html || mail …`;

/** What `report` is asked for. */
export interface ReportRequest {
  readonly environment: string;
  readonly action: "report";
  /** Seconds. */
  readonly silent: number;
  readonly stale?: number | undefined;
  readonly html?: string | undefined;
  readonly json: boolean;
}

/** Parses the command line. For help, or a fault (status 1), prints the text and ends the process. */
export function parseArguments(argv: readonly string[]): Request | RotationRequest | ReportRequest {
  const program = new Command("npm run fleet --")
    .description("Switches servers off and on at once, without a deployment, and says which are silent")
    .argument("<environment>", "a folder of environments/")
    .addArgument(new Argument("<action>", "see below").choices([...Object.keys(ACTIONS), "rotate", "report"]))
    .argument("[names...]", "servers, by their names in servers.tfvars")
    .option("--reason <text>", "why, for those who find it")
    .option("--from <networks>", 'networks: like 192.0.2.0/24,2001:db8::/32; "any" lifts it', networks)
    .option("--enforce", "networks: refuse requests from elsewhere, not only report them")
    .option("--until <time>", "disable, quarantine, pause: when it ends: 30m, 2h, 1d, or 2026-12-24T18:00Z", end)
    .option("--to <file>", "rotate: a new file for the new secret, which the server gets")
    .option(
      "--finish [fingerprint]",
      "rotate: take the old secret away, where the server has said that it uses the new one",
      fingerprint,
    )
    .option("--cancel", "rotate: take the new secret away again")
    .option("--yes", "do not ask: before more than one server, or before a secret is taken away")
    .option("--silent <duration>", "report: silent is who got no credentials for so long: 26h, 2d", silence, 26 * 3600)
    .option("--stale <duration>", "report: name those too that may write, and wrote nothing new for so long", duration)
    .option("--html <file>", "report: write it as a page too")
    .option("--json", "print JSON, for programs")
    .addHelpText("after", AFTER_HELP)
    .parse(argv, { from: "user" });
  const [environment, action, names] = program.processedArgs as [string, Action | "rotate" | "report", string[]];
  const { reason, until, yes, json, silent, stale, html, from, enforce } = program.opts();
  if (action === "report") {
    if (names.length > 0) program.error("error: report is about every server: leave the names out");
    return { environment, action, silent, stale, html, json: json === true };
  }
  if (action === "rotate") {
    const { to, finish, cancel } = program.opts();
    const [name, ...others] = names;
    if (name === undefined || others.length > 0) return program.error("error: rotate is about one server: name it");
    if ([to, finish, cancel].filter((option) => option !== undefined).length > 1)
      program.error("error: --to, --finish and --cancel are steps of their own: give one of them");
    return {
      environment,
      action,
      name,
      to,
      finish: finish === true ? "" : finish,
      cancel: cancel === true,
      yes: yes === true,
    };
  }
  const asked = { reason, until, from, enforce: enforce === true, yes: yes === true, json: json === true };
  return { environment, action, names: [...new Set(names)], ...asked };
}

const SECONDS = { m: 60, h: 3600, d: 86_400 } as const;

function seconds(text: string): number | undefined {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * SECONDS[unit as keyof typeof SECONDS];
}

function end(text: string): (now: number) => number {
  const length = seconds(text);
  if (length !== undefined) return (now) => now + length;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text);
  const time = Math.floor(Date.parse(text) / 1000);
  if (!isTime || Number.isNaN(time))
    throw new InvalidArgumentError("write 30m, 2h or 1d, or a time with its zone, like 2026-12-24T18:00Z");
  return () => time;
}

/** The networks; none for "any". */
function networks(text: string): readonly string[] {
  if (text === "any") return [];
  const all = [...new Set(text.split(","))];
  const wrong = all.filter((network) => !isNetwork(network));
  if (wrong.length > 0) throw new InvalidArgumentError(`${wrong.join(", ")}: write networks like 192.0.2.0/24, or any`);
  if (all.length <= MAX_ALLOWED_CIDRS) return all;
  throw new InvalidArgumentError(`${all.length} networks, and ${MAX_ALLOWED_CIDRS} fit into a session's policy`);
}

function isNetwork(text: string): boolean {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  if (!isIPv4(address) && !isIPv6(address)) return false;
  try {
    new BlockList().addSubnet(address, Number(length), isIPv4(address) ? "ipv4" : "ipv6");
    return true;
  } catch {
    return false;
  }
}

function fingerprint(text: string): string {
  if (SECRET_FINGERPRINT.test(text)) return text;
  throw new InvalidArgumentError("write the 12 digits that --to printed and oidc-s3 doctor shows, or nothing");
}

function duration(text: string): number {
  const length = seconds(text);
  if (length === undefined || length === 0) throw new InvalidArgumentError("write 26h or 2d");
  return length;
}

/** A working server's note may be seven hours old (docs/operations.md), and its next vending half an hour away. */
const SHORTEST_SILENCE_HOURS = 8;

function silence(text: string): number {
  const length = duration(text);
  if (length >= SHORTEST_SILENCE_HOURS * 3600) return length;
  throw new InvalidArgumentError(`a server is noted every six hours: write ${SHORTEST_SILENCE_HOURS}h or more`);
}
