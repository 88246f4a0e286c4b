import { type TableCell, type TableRow, tablePage } from "../terminal/table-page";
import type { ServerReport } from "./report";
import { objectWords, STATE_WORDS, seenWords, summary } from "./report-text";

const MARKS = { silent: "bad", stale: "bad", fault: "bad", off: "faint", ok: undefined } as const;

/** The report as one HTML file: what it holds may come from names of servers and objects. */
export function reportPage(environment: string, servers: readonly ServerReport[], now: number): Promise<string> {
  return tablePage({
    title: `Servers of ${environment}`,
    summary: summary(servers),
    origin: `as of ${new Date(now * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`,
    columns: ["state", "server", "level", "prefix", "seen", "newest object", "tokens a month"],
    heads: 2,
    rows: servers.map((server) => row(server, now)),
  });
}

function row(server: ServerReport, now: number): TableRow {
  const { state, controls, fault, newest_object: newest } = server;
  const cells: TableCell[] = [
    { shown: STATE_WORDS[state], below: [...controls, ...(fault === undefined ? [] : [fault])] },
    { shown: server.server },
    { shown: server.level },
    { shown: server.prefix },
    { shown: seenWords(server, now), value: server.last_seen ?? "" },
    { shown: objectWords(server, now), value: newest?.at ?? "", below: newest === null ? [] : [newest.key] },
    { shown: String(server.tokens_a_month ?? "") },
  ];
  return { mark: MARKS[state], cells };
}
