import type { PageList } from "../terminal/table-page";
import type { AccessReport } from "./access-report";
import { described } from "./people";
import { bucketWords, placeWords } from "./places";
import type { Power } from "./powers";
import type { Reach } from "./reach";
import type { Principal } from "./roles";

/** So many actions are named; of more, those that change something come first. */
const MOST_NAMED = 10;

export function verbWords({ verbs, others }: Pick<Reach, "verbs" | "others">): string {
  if (others.length <= MOST_NAMED) return [...verbs, ...others].join(", ");
  const changes = (action: string) => /:(Put|Delete|Bypass|Update|Restore)/.test(action);
  const first = [...others.filter(changes), ...others.filter((action) => !changes(action))].slice(0, MOST_NAMED);
  const rest = others.length - first.length;
  return [...verbs, ...first, `and ${rest} S3 action${rest === 1 ? "" : "s"} more (--json names them)`].join(", ");
}

export function lifeWords({ credentials }: Principal): string {
  return credentials === undefined ? "" : `${credentials.seconds / 60} min`;
}

export function tokenWords({ kind, credentials }: Principal): string {
  const { token } = credentials ?? {};
  if (token === undefined) return kind === "guests" ? "no token at all" : "";
  const scopes = token.scopes === undefined ? "" : `, scopes ${token.scopes.join(" ")}`;
  return `${token.kind} of the app client ${token.client} (${token.minutes} min${scopes})`;
}

export function conditionWords({ withoutTls, assumed }: Reach): string[] {
  return [...(withoutTls === true ? ["without TLS too"] : []), ...assumed];
}

export function powerWords({ who, does, actions }: Power): string {
  return `${described(who)} ${does} (${actions.join(", ")})`;
}

/**
 * The rows that say something of their own: who may do a thing in the whole bucket may do it in every prefix, and is not
 * told again for each.
 */
export function rowsToShow(reach: readonly Reach[]): Reach[] {
  const key = ({ bucket, who }: Reach) => JSON.stringify([bucket, described(who)]);
  const whole = new Map(reach.filter(({ prefix }) => prefix === "").map((row) => [key(row), row]));
  return reach.filter((row) => {
    const above = whole.get(key(row));
    if (above === undefined || above === row) return true;
    const isNew = (action: string) => !above.others.includes(action);
    return row.verbs.some((verb) => !above.verbs.includes(verb)) || row.others.some(isNew);
  });
}

/** What is to be read first. */
export function differencesOf({ differences }: AccessReport): PageList[] {
  return differences.length === 0 ? [] : [{ heading: "Not as the configuration promises", lines: differences }];
}

/** What stands beside the table, in any form. */
export function listsOf(report: AccessReport): PageList[] {
  const elsewhere = report.elsewhere.map(
    ({ who, actions, on, where }) => `${described(who)}: ${[`${actions} on ${on}`, ...where].join(", where ")}`,
  );
  const lists = [
    { heading: "Who decides about what servers reach", lines: report.powers.map(powerWords) },
    { heading: "And, outside of these policies", lines: report.outside },
    { heading: "What else policies allow others than servers, as written", lines: elsewhere },
    { heading: "Not in here, since these stacks do not say it", lines: report.unread },
  ];
  return lists.filter(({ lines }) => lines.length > 0);
}

export function verdict({ differences, reach }: AccessReport): string {
  if (differences.length === 0) return `as the configuration promises: ${counted(rowsToShow(reach).length, "grant")}`;
  return `not as the configuration promises: ${counted(differences.length, "difference")}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The report for a terminal. */
export function accessText(report: AccessReport): string {
  const lines: string[] = [`${report.environment}: ${verdict(report)}`];
  const rows = rowsToShow(report.reach);
  const width = Math.max(0, ...rows.map(({ who }) => described(who).length));
  let place = "";
  for (const row of rows) {
    const here = `${bucketWords(row.bucket)} ▶ ${placeWords(row.prefix)}`;
    if (here !== place) lines.push("", here);
    place = here;
    lines.push(`  ${described(row.who).padEnd(width)}  ${verbWords(row)}`);
    const [life, token] = [lifeWords(row.who), tokenWords(row.who)];
    const how = life === "" ? [] : [`credentials for ${life}${token === "" ? "" : `, by ${token}`}`];
    for (const line of [...how, ...conditionWords(row)]) lines.push(`  ${"".padEnd(width)}  ${line}`);
  }
  for (const { heading, lines: told } of [...listsOf(report), ...differencesOf(report)])
    lines.push("", heading, ...told.map((line) => `  ${line}`));
  return lines.join("\n");
}

/** The report for programs. */
export function accessJson(report: AccessReport): string {
  const { environment, powers, elsewhere, outside, unread, differences } = report;
  return JSON.stringify({
    environment,
    reach: rowsToShow(report.reach).map(({ bucket, prefix, who, verbs, others, withoutTls, assumed }) => ({
      bucket,
      prefix: prefix === "" ? "" : placeWords(prefix),
      who: { kind: who.kind, name: who.name },
      may: verbs,
      other_actions: others,
      credentials_seconds: who.credentials?.seconds ?? null,
      token: who.credentials?.token ?? null,
      without_tls: withoutTls ?? null,
      only_where: assumed,
    })),
    powers: powers.map(({ who, does, actions }) => ({ who: described(who), does, actions })),
    elsewhere: elsewhere.map(({ who, ...written }) => ({ who: described(who), ...written })),
    outside,
    unread,
    differences,
  });
}
