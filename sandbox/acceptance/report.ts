import type { ServerConfig } from "../../config/schema/types";
import { type CheckRow, meetsExpectation, type Verdict } from "./checks";
import { mark, markOf } from "./marks";
import { OPERATIONS } from "./object-checks";
import { routeMatrix } from "./route-matrix";
import { paint, type Screen, wrapped } from "./screen";
import type { Access } from "./welcome";

export interface ReportOptions {
  readonly screen: Screen;
  /** Every check with its reason, not only those that failed. */
  readonly verbose: boolean;
}

/** The result for people: what each server and client may do at a glance, what is not as expected, and a sentence. */
export function checksText(
  rows: readonly CheckRow[],
  servers: readonly ServerConfig[],
  { screen, verbose }: ReportOptions,
): string {
  const details = checkGroups(
    rows.filter((row) => verbose || !meetsExpectation(row)),
    servers,
    screen,
  );
  const inMatrix = (row: CheckRow) => row.place !== undefined || row.when !== undefined;
  const others = rows.filter((row) => !inMatrix(row) && meetsExpectation(row)).length;
  const shown = servers.filter(({ name }) =>
    rows.some(({ subject, place }) => subject === name && place !== undefined),
  );
  const isOfPeople = ({ verdicts }: CheckRow) => verdicts.some(({ by }) => by === "Cognito");
  const ofServers = shown.length > 0 || servers.length === 0;
  const topics = [
    ...(rows.every(isOfPeople) && rows.length > 0
      ? []
      : [ofServers ? "tokens, credentials and the vending function" : "tokens"]),
    ...(rows.some(isOfPeople) ? ["people's sign-in and what they reach"] : []),
  ];
  const besides = `Passed besides, on ${topics.join(", ")}: ${others} checks.`;
  const legend = `${mark("allowed", screen)} allowed   ${mark("refused", screen)} refused   ${mark("wrong", screen)} wrong`;
  return [
    ...(shown.length === 0 ? [] : [matrix(rows, shown, screen)]),
    ...(rows.some(({ when }) => when !== undefined) ? [routeMatrix(rows, screen)] : []),
    ...(rows.some(inMatrix) ? [legend] : []),
    ...(verbose ? [] : [wrapped(besides, screen)]),
    ...details,
    summary(rows, screen, verbose),
  ].join("\n\n");
}

function summary(rows: readonly CheckRow[], screen: Screen, verbose: boolean): string {
  const failed = rows.some((row) => !meetsExpectation(row));
  const hint = verbose || failed ? "" : " --verbose lists them, and says by whom and why.";
  return wrapped(`${loopSummary(rows)}${hint}`, screen)
    .split("\n")
    .map((line) => paint(failed ? "red" : "green", line, screen))
    .join("\n");
}

/** The loop's result in one sentence. */
export function loopSummary(rows: readonly CheckRow[]): string {
  const wrong = rows.filter((row) => !meetsExpectation(row)).length;
  const count = (outcome: CheckRow["expected"]) => rows.filter(({ expected }) => expected === outcome).length;
  return wrong === 0
    ? `All checks passed: ${count("allowed")} allowed, ${count("refused")} refused.`
    : `${wrong} of ${rows.length} checks FAILED: see the rows marked ✘.`;
}

const PLACES = ["inside", "outside"] as const;
const HEADS = { inside: "inside its prefix", outside: "outside of it" } as const;
const HEAD = OPERATIONS.join(" ");

/** A line for each server where the names leave room for it, otherwise a line for each of its places. */
function matrix(rows: readonly CheckRow[], servers: readonly ServerConfig[], screen: Screen): string {
  const cells = new Map(rows.map((row) => [`${row.subject} ${row.operation} ${row.place}`, markOf(row, screen)]));
  const marks = (server: ServerConfig, place: (typeof PLACES)[number]) =>
    OPERATIONS.map((operation) => {
      const before = (operation.length - 1) >> 1;
      const cell = cells.get(`${server.name} ${operation} ${place}`) ?? " ";
      return `${" ".repeat(before)}${cell}${" ".repeat(operation.length - 1 - before)}`;
    }).join(" ");
  const name = Math.max("server".length, ...servers.map((server) => server.name.length));
  const level = Math.max("level".length, ...servers.map(({ s3Permissions }) => s3Permissions.length));
  const line = (first: string, second: string, [inside, outside]: readonly [string, string]) =>
    `${first.padEnd(name)}  ${second.padEnd(level)}  ${inside.padEnd(HEAD.length)}  ${outside}`.trimEnd();
  if (name + level + 2 * HEAD.length + 3 * 2 <= screen.columns) {
    return [
      line("", "", [HEADS.inside, HEADS.outside]),
      paint("bold", line("server", "level", [HEAD, HEAD]), screen),
      ...servers.map((server) =>
        line(server.name, server.s3Permissions, [marks(server, "inside"), marks(server, "outside")]),
      ),
    ].join("\n");
  }
  const label = Math.max(...PLACES.map((place) => HEADS[place].length));
  return servers
    .flatMap((server) => [
      paint("bold", wrapped(`${server.name} (${server.s3Permissions})`, screen), screen),
      `  ${"".padEnd(label)}  ${HEAD}`,
      ...PLACES.map((place) => `  ${HEADS[place].padEnd(label)}  ${marks(server, place).trimEnd()}`),
    ])
    .join("\n");
}

/** The checks of each subject under its name: what was tried, and for what was refused or is wrong, by whom and why. */
function checkGroups(rows: readonly CheckRow[], servers: readonly ServerConfig[], screen: Screen): string[] {
  const configs = new Map(servers.map((server) => [server.name, server]));
  return [...new Set(rows.map(({ subject }) => subject))].map((subject) => {
    const config = configs.get(subject);
    const title = config === undefined ? subject : `${subject} (${config.s3Permissions}, ${config.s3PathPrefix})`;
    return [
      paint("bold", wrapped(title, screen), screen),
      ...rows.filter((row) => row.subject === subject).map((row) => checkLines(row, screen)),
    ].join("\n");
  });
}

function checkLines(row: CheckRow, screen: Screen): string {
  const right = meetsExpectation(row);
  const what = `${row.operation}: ${row.where}${right ? "" : ` (must be ${row.expected})`}`;
  const shown = right && row.expected === "allowed" ? [] : row.verdicts;
  const reasons = shown.length === 0 && !right ? ["not tried"] : shown.map(reason);
  const [first = "", ...more] = wrapped(what, screen, "    ").split("\n");
  return [
    `  ${markOf(row, screen)} ${first.slice(4)}`,
    ...more,
    ...[...new Set(reasons)].map((text) => wrapped(text, screen, "      ", "        ")),
  ].join("\n");
}

function reason({ by, outcome, why }: Verdict): string {
  const isName = by === "policy evaluation" || by === "Cognito";
  return `${outcome} by ${isName ? by : `the ${by}`}${why && `: ${why}`}`;
}

/** The loop's result as one line for scripts; docs/sandbox.md has its keys. It holds no secret. */
export function checksJson(rows: readonly CheckRow[], servers: readonly ServerConfig[], cloud?: Access): string {
  return JSON.stringify({
    ok: rows.every(meetsExpectation),
    servers: servers.map(({ name, s3Permissions, s3PathPrefix }) => ({
      name,
      permissions: s3Permissions,
      prefix: s3PathPrefix,
    })),
    checks: rows.map((row) => ({ ...row, ok: meetsExpectation(row) })),
    ...(cloud === undefined ? {} : { cloud }),
  });
}
