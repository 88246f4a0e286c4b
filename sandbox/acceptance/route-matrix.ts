import type { CheckRow } from "./checks";
import { markOf } from "./marks";
import { paint, type Screen, wrapped } from "./screen";

/** A line for each client of the API, or two where its scopes were switched on, and a column for each route. */
export function routeMatrix(rows: readonly CheckRow[], screen: Screen): string {
  const tried = rows.filter(({ when }) => when !== undefined);
  const routes = [...new Set(tried.map(({ operation }) => operation))]
    .map((key) => {
      const [method = "", path = ""] = key.split(" ");
      return { key, method, path, width: Math.max(method.length, path.length) };
    })
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const clients = [
    ...new Map(tried.map(({ subject, when = "" }) => [`${subject} ${when}`, { subject, when }])).values(),
  ];
  const marks = new Map(tried.map((row) => [`${row.subject} ${row.when} ${row.operation}`, markOf(row, screen)]));
  const markFor = ({ subject, when }: (typeof clients)[number], key: string) =>
    marks.get(`${subject} ${when} ${key}`) ?? " ";
  const nameOf = ({ subject }: (typeof clients)[number]) => subject.replace(/^client /, "");
  const name = Math.max("client".length, ...clients.map((client) => nameOf(client).length));
  const scopes = Math.max("scopes".length, ...clients.map(({ when }) => when.length));
  const line = (first: string, second: string, cells: readonly string[]) =>
    `${first.padEnd(name)}  ${second.padEnd(scopes)}  ${cells.join("  ")}`.trimEnd();
  const width = name + scopes + routes.reduce((sum, route) => sum + route.width + 2, 2);
  if (width <= screen.columns) {
    return [
      line(
        "",
        "",
        routes.map(({ method, width: cell }) => method.padEnd(cell)),
      ),
      paint(
        "bold",
        line(
          "client",
          "scopes",
          routes.map(({ path, width: cell }) => path.padEnd(cell)),
        ),
        screen,
      ),
      ...clients.map((client) =>
        line(
          nameOf(client),
          client.when,
          routes.map(({ key, width: cell }) => centred(markFor(client, key), cell)),
        ),
      ),
    ].join("\n");
  }
  return clients
    .flatMap((client) => [
      paint("bold", wrapped(`${nameOf(client)} (${client.when})`, screen), screen),
      ...routes.map(({ key }) => wrapped(`${markFor(client, key)} ${key}`, screen, "  ", "    ")),
    ])
    .join("\n");
}

/** A mark is one column wide, whatever characters its colour takes. */
function centred(cell: string, width: number): string {
  const before = (width - 1) >> 1;
  return `${" ".repeat(before)}${cell}${" ".repeat(width - 1 - before)}`;
}
