import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { throttleOf } from "../config/schema/foundation-keys";
import { median, printTable } from "./figures";
import { type Curve, plot } from "./fleet/plot";
import type { Outage } from "./fleet/services";
import { type Outcome, type Simulation, simulate, simulateWithRealServers } from "./fleet/simulate";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** When what goes wrong goes wrong: by then the fleet's renewals have spread. */
const TROUBLE = 2 * HOUR;
const PLOT = join(__dirname, "..", "docs", "images", "fleet-return.svg");
/** Seconds between two renewals of a daemon, 5 % after half of an hour on average. */
const INTERVAL = 1890;
const SECONDS_A_MONTH = 2_628_000;

/**
 * Prints what becomes of fleets of 100 to 100,000 servers with `credential-daemon` in peace, outages, reboots and key
 * rotations, and plots their return. The same at every run.
 */
export async function run(): Promise<void> {
  await compareWithRealServers();
  tokensInPeace();
  outages();
  gatewayLimits();
  reboots();
  rotations();
}

function fleetOf(servers: number, extra: Partial<Simulation> = {}): Simulation {
  const throttle = throttleOf(servers);
  return { servers, tokenLife: 3600, startWithin: 30 * MINUTE, lasts: TROUBLE + 90 * MINUTE, ...throttle, ...extra };
}

function outage(of: Outage["of"], minutes: number): { readonly outages: Outage[] } {
  return { outages: [{ of, from: TROUBLE, to: TROUBLE + minutes * MINUTE }] };
}

/** What happened after the trouble began, as columns of a table. */
function troubleColumns({ services, fleet, lapsed }: Outcome, end: number): string[] {
  const requests = services.vendingRequests.slice(TROUBLE / 1000);
  const peak = requests.reduce((most, count = 0) => Math.max(most, count), 0);
  const over = services.start + end;
  const recovered = fleet.recoveredAfter(over);
  return [
    count(lapsed),
    lapsed === 0 ? "–" : duration(fleet.longestLapse / 1000),
    recovered === undefined ? "–" : duration((recovered - over) / 1000),
    count(peak),
    count(services.throttled),
  ];
}
const TROUBLE_HEAD = ["lapsed", "longest", "all back after", "peak requests/s", "throttled"];

async function compareWithRealServers(): Promise<void> {
  const servers = 60;
  const lasts = { lasts: 4 * HOUR, rateLimit: 0.12, burstLimit: 1 };
  const cases: [string, Partial<Simulation>][] = [
    ["vending API down for 25 minutes", outage("vending API", 25)],
    ["network down for 40 minutes", outage("network", 40)],
    ["tokens invalid at once", { rotation: TROUBLE }],
  ];
  const rows: string[][] = [];
  for (const [what, extra] of cases) {
    const simulation = fleetOf(servers, { ...lasts, ...extra });
    for (const [who, outcome] of [
      ["the client's code", await simulateWithRealServers(simulation)],
      ["the model", simulate(simulation)],
    ] as const) {
      const { services, lapsed } = outcome;
      const requests = services.vendingRequests.reduce((sum, some = 0) => sum + some, 0);
      rows.push([what, who, count(services.tokensIssued), count(services.vended), count(requests), count(lapsed)]);
    }
  }
  printTable(`${servers} servers, 4 hours, a gateway that lets 0.12 requests a second through`, [
    ["trouble", "with", "tokens", "vended", "vending requests", "lapsed"],
    ...rows,
  ]);
}

function tokensInPeace(): void {
  const servers = 200;
  const rows = [1, 12, 24].map((hours) => {
    const tokenLife = hours * 3600;
    const [first, rest] = [24 * HOUR, 20 * 24 * HOUR];
    const tokens = (lasts: number) => simulate(fleetOf(servers, { tokenLife, lasts })).services.tokensIssued;
    const perMonth = ((tokens(first + rest) - tokens(first)) / servers) * ((SECONDS_A_MONTH * 1000) / rest);
    const formula = SECONDS_A_MONTH / (INTERVAL * (Math.floor((0.75 * tokenLife) / INTERVAL) + 1));
    return [`${hours} h`, perMonth.toFixed(0), formula.toFixed(0)];
  });
  printTable("Token requests of one server in a month", [["tokens live", "simulated, 20 days", "formula"], ...rows]);
}

function outages(): void {
  const rows: string[][] = [];
  for (const servers of [1_000, 25_000, 100_000]) {
    for (const [of, minutes, tokenHours = 1] of [
      ["vending API", 10],
      ["vending API", 20],
      ["vending API", 30],
      ["token endpoint", 20],
      ["network", 20],
      ["network", 20, 24],
    ] as const) {
      const outcome = simulate(fleetOf(servers, { ...outage(of, minutes), tokenLife: tokenHours * 3600 }));
      const { rateLimit } = throttleOf(servers);
      const columns = troubleColumns(outcome, TROUBLE + minutes * MINUTE);
      rows.push([`${of}, ${minutes} min`, count(servers), `${tokenHours} h`, count(rateLimit), ...columns]);
    }
  }
  printTable("Outages, with the throttle that follows from the number of servers", [
    ["down", "servers", "tokens live", "throttle/s", ...TROUBLE_HEAD],
    ...rows,
  ]);
}

function gatewayLimits(): void {
  const servers = 100_000;
  const curves: Curve[] = [];
  const rows = [50, 100, 200, 500].map((rateLimit) => {
    const burstLimit = Math.min(500, 2 * rateLimit);
    const outcome = simulate(fleetOf(servers, { rateLimit, burstLimit, ...outage("vending API", 10) }));
    const perMinute = perMinuteOf(outcome.services.vendingRequests, TROUBLE - 5 * MINUTE, TROUBLE + 60 * MINUTE);
    curves.push({ name: `throttle ${rateLimit}/s`, values: perMinute });
    return [count(rateLimit), ...troubleColumns(outcome, TROUBLE + 10 * MINUTE)];
  });
  printTable(`${count(servers)} servers after ten minutes without the vending API`, [
    ["throttle/s", ...TROUBLE_HEAD],
    ...rows,
  ]);
  mkdirSync(join(PLOT, ".."), { recursive: true });
  writeFileSync(
    PLOT,
    plot({
      title: `${count(servers)} servers return after ten minutes without the vending API`,
      x: { label: "minutes from the outage's start", from: -5 },
      yLabel: "requests a second",
      shaded: { from: 0, to: 10, label: "outage" },
      curves,
    }),
  );
  console.log(`plotted into ${PLOT}`);
}

function reboots(): void {
  const rows = [1_000, 10_000, 100_000].map((servers) => {
    const outcome = simulate(fleetOf(servers, { startWithin: MINUTE, lasts: 90 * MINUTE }));
    const { fleet, services } = outcome;
    const waits = [...fleet.firstAt].filter((at) => at > 0).map((at) => (at - services.start) / 1000);
    const last = waits.length < servers ? "not yet" : duration(Math.max(...waits));
    const { rateLimit } = throttleOf(servers);
    return [count(servers), count(rateLimit), duration(median(waits)), last, count(services.throttled)];
  });
  printTable("All servers start within one minute, without tokens and credentials", [
    ["servers", "throttle/s", "half have credentials after", "all after", "throttled"],
    ...rows,
  ]);
}

function rotations(): void {
  const rows = [1_000, 100_000].map((servers) => {
    const outcome = simulate(fleetOf(servers, { tokenLife: 24 * 3600, rotation: TROUBLE }));
    const before = simulate(fleetOf(servers, { tokenLife: 24 * 3600 }));
    const tokens = count(outcome.services.tokensIssued - before.services.tokensIssued);
    return [count(servers), tokens, ...troubleColumns(outcome, TROUBLE)];
  });
  printTable("All tokens, which live a day, become invalid at once", [
    ["servers", "more tokens", ...TROUBLE_HEAD],
    ...rows,
  ]);
}

function perMinuteOf(perSecond: readonly (number | undefined)[], from: number, to: number): number[] {
  return Array.from({ length: (to - from) / MINUTE }, (_, minute) => {
    const second = (from + minute * MINUTE) / 1000;
    return perSecond.slice(second, second + 60).reduce<number>((sum, some) => sum + (some ?? 0), 0) / 60;
  });
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function duration(seconds: number): string {
  return seconds < 120 ? `${Math.round(seconds)} s` : `${(seconds / 60).toFixed(1)} min`;
}
