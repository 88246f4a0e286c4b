/** A table for people, as one HTML file that asks for nothing else; texts may come from anybody. */
export interface TablePage {
  readonly title: string;
  readonly summary: string;
  /** Whether that is bad news. */
  readonly isAlarming?: boolean;
  /** As of when, or what from. */
  readonly origin: string;
  readonly columns: readonly string[];
  /** So many columns, from the first, say by themselves what they are. */
  readonly heads: number;
  readonly rows: readonly TableRow[];
  /** What is to be read before the table, and below it. */
  readonly before?: readonly PageList[];
  readonly after?: readonly PageList[];
}

export interface PageList {
  readonly heading: string;
  readonly lines: readonly string[];
}

export interface TableRow {
  /** `bad` or `faint`; neither by default. */
  readonly mark?: "bad" | "faint" | undefined;
  readonly cells: readonly TableCell[];
}

export interface TableCell {
  readonly shown: string;
  /** What rows are sorted by; what is shown by default. */
  readonly value?: string;
  /** In small print. */
  readonly below?: readonly string[];
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
body { margin: 1rem; }
h1 { font-size: 1.3rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 0; }
ul { padding-left: 1.2rem; margin: .3rem 0; }
li { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin-top: 1rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #8884; overflow-wrap: anywhere; }
th button { font: inherit; font-weight: bold; background: none; border: 0; padding: 0; color: inherit; cursor: pointer; }
th[aria-sort=ascending] button::after { content: " ▲"; }
th[aria-sort=descending] button::after { content: " ▼"; }
small { display: block; opacity: .8; }
.alarming { font-weight: bold; color: #c22; }
.bad td:first-child { font-weight: bold; color: #c22; }
.faint td:first-child { opacity: .7; }
@media (max-width: 45rem) {
  table, tbody, tr, td { display: block; }
  thead tr { display: flex; flex-wrap: wrap; gap: .3rem 1rem; }
  tr { border-bottom: 1px solid #8888; padding: .4rem 0; }
  td { border: 0; padding: .1rem 0; }
  td[data-value=""] { display: none; }
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

/** The page's HTML. */
export async function tablePage({
  title,
  summary,
  isAlarming = false,
  origin,
  columns,
  rows,
  heads,
  before = [],
  after = [],
}: TablePage): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(SCRIPT)));
  const hash = btoa(String.fromCharCode(...digest));
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
<p${isAlarming ? ' class="alarming"' : ""}>${text(summary)}<small>${text(origin)}</small></p>
${before.map(listHtml).join("")}<table>
<thead><tr>${columns.map((column) => `<th><button type="button">${text(column)}</button></th>`).join("")}</tr></thead>
<tbody>
${rows.map((row) => rowHtml(row, columns, heads)).join("\n")}
</tbody>
</table>
${after.map(listHtml).join("")}<script>${SCRIPT}</script>
</body>
</html>
`;
}

function listHtml({ heading, lines }: PageList): string {
  return `<h2>${text(heading)}</h2>\n<ul>${lines.map((line) => `<li>${text(line)}</li>`).join("")}</ul>\n`;
}

function rowHtml({ mark, cells }: TableRow, columns: readonly string[], heads: number): string {
  const html = cells.map(({ shown, value = shown, below = [] }, column) => {
    const label = column < heads ? "" : ` data-label="${text(columns[column] ?? "")}"`;
    const small = below.map((line) => `<small>${text(line)}</small>`).join("");
    return `<td${label} data-value="${text(value)}">${text(shown)}${small}</td>`;
  });
  return `<tr${mark === undefined ? "" : ` class="${mark}"`}>${html.join("")}</tr>`;
}

/** Escaped for an element's content and for an attribute in double quotes. */
function text(value: string): string {
  const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return value.replace(/[&<>"]/g, (character) => entities[character] ?? "");
}
