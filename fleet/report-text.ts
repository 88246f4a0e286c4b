import { ACTIVITY_INTERVAL_SECONDS } from "../access/client-activity";
import { type ServerReport, STATES, type State } from "./report";

/** What the states mean, in the order in which they are told. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  fault: "not known",
  silent: "silent",
  stale: "nothing new",
  off: "switched off",
  ok: "ok",
};

/** An age in words, in the largest unit that has two of it: "35 min", "26 h", "12 days". */
export function age(seconds: number): string {
  const of = (unit: number) => Math.floor(Math.max(seconds, 0) / unit);
  if (seconds < 2 * 3600) return `${of(60)} min`;
  return seconds < 48 * 3600 ? `${of(3600)} h` : `${of(86_400)} days`;
}

/** When a server was last seen, as exactly as it is known. */
export function seenWords({ last_seen: seen }: ServerReport, now: number): string {
  if (seen === null) return "never";
  const seconds = now - Date.parse(seen) / 1000;
  return seconds < ACTIVITY_INTERVAL_SECONDS ? `less than ${ACTIVITY_INTERVAL_SECONDS / 3600} h` : age(seconds);
}

export function objectWords({ newest_object: newest }: ServerReport, now: number): string {
  if (newest === null) return "none";
  return `${age(now - Date.parse(newest.at) / 1000)}${newest.all_listed ? "" : " or newer"}`;
}

const HEADINGS = ["", "server", "level", "prefix", "seen", "newest object", "tokens a month"];

/** The report as lines for people. */
export function reportText(servers: readonly ServerReport[], now: number): string {
  const rows = servers.map((server) => [
    STATE_WORDS[server.state],
    server.server,
    server.level,
    server.prefix,
    seenWords(server, now),
    objectWords(server, now),
    server.tokens_a_month === null ? "" : String(server.tokens_a_month),
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const below = ({ controls, fault }: ServerReport) => [...controls, ...(fault === undefined ? [] : [fault])];
  return [
    line(HEADINGS),
    ...servers.flatMap((server, index) => [line(rows[index] ?? []), ...below(server).map((told) => `    ${told}`)]),
    "",
    summary(servers),
  ].join("\n");
}

/** How many servers are in which state, and what they ask Cognito for together. */
export function summary(servers: readonly ServerReport[]): string {
  const counts = STATES.flatMap((state) => {
    const count = servers.filter((server) => server.state === state).length;
    return count === 0 ? [] : [`${count} ${STATE_WORDS[state]}`];
  });
  const tokens = servers
    .filter(({ state }) => state === "ok" || state === "stale")
    .reduce((sum, { tokens_a_month: own }) => sum + (own ?? 0), 0);
  const estimate = `about ${tokens.toLocaleString("en")} token requests a month`;
  return servers.length === 0
    ? "no server is deployed"
    : `${servers.length} servers: ${counts.join(", ")}; ${estimate}`;
}
