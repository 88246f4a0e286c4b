import { createHash } from "node:crypto";
import type { ServerReport } from "./report";
import { objectWords, STATE_WORDS, seenWords, summary } from "./report-text";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
body { margin: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
th button { font: inherit; font-weight: bold; background: none; border: 0; padding: 0; color: inherit; cursor: pointer; }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
small { display: block; opacity: .8; }
.silent td:first-child, .stale td:first-child, .fault td:first-child { font-weight: bold; color: #c22; }
.off td:first-child { opacity: .7; }
@media (max-width: 45rem) {
  table, tbody, tr, td { display: block; }
  thead tr { display: flex; flex-wrap: wrap; gap: .3rem 1rem; }
  tr { border-bottom: 1px solid #8888; padding: .4rem 0; }
  td { border: 0; padding: .1rem 0; }
  td[data-label]::before { content: attr(data-label) ": "; opacity: .7; }
}`;

/** Sorts the rows by a column's values; asked again, the other way round. */
const SCRIPT = `
for (const button of document.querySelectorAll("th button")) button.addEventListener("click", () => {
  const heading = button.parentElement;
  const column = [...heading.parentElement.children].indexOf(heading);
  const descending = heading.getAttribute("aria-sort") === "ascending";
  for (const each of heading.parentElement.children) each.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
  const body = document.querySelector("tbody");
  const value = (row) => row.children[column].dataset.value;
  const compare = (a, b) => value(a).localeCompare(value(b), "en", { numeric: true });
  body.append(...[...body.children].sort((a, b) => (descending ? compare(b, a) : compare(a, b))));
});`;

const COLUMNS = ["state", "server", "level", "prefix", "seen", "newest object", "tokens a month"] as const;

/** The report as one HTML file that asks for nothing else: what it holds may come from names of servers and objects. */
export function reportPage(environment: string, servers: readonly ServerReport[], now: number): string {
  const hash = createHash("sha256").update(SCRIPT).digest("base64");
  const title = `Servers of ${environment}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${text(title)}</h1>
<p>${text(summary(servers))}<small>as of ${new Date(now * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC</small></p>
<table>
<thead><tr>${COLUMNS.map((column) => `<th><button type="button">${column}</button></th>`).join("")}</tr></thead>
<tbody>
${servers.map((server) => row(server, now)).join("\n")}
</tbody>
</table>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

function row(server: ServerReport, now: number): string {
  const { state, controls, fault, newest_object: newest } = server;
  const told = [...controls, ...(fault === undefined ? [] : [fault])];
  const cells: readonly (readonly [value: string, shown: string, below?: readonly string[]])[] = [
    [STATE_WORDS[state], STATE_WORDS[state], told],
    [server.server, server.server],
    [server.level, server.level],
    [server.prefix, server.prefix],
    [server.last_seen ?? "", seenWords(server, now)],
    [newest?.at ?? "", objectWords(server, now), newest === null ? [] : [newest.key]],
    [String(server.tokens_a_month ?? ""), String(server.tokens_a_month ?? "")],
  ];
  const html = cells.map(([value, shown, below = []], column) => {
    const label = column < 2 ? "" : ` data-label="${COLUMNS[column]}"`;
    const small = below.map((line) => `<small>${text(line)}</small>`).join("");
    return `<td${label} data-value="${text(value)}">${text(shown)}${small}</td>`;
  });
  return `<tr class="${state}">${html.join("")}</tr>`;
}

/** Escaped for an element's content and for an attribute in double quotes. */
function text(value: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return value.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}
