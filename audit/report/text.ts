import type { PageList } from "../../terminal/table-page";
import type { AccessReport } from "../access-report";
import type { Power } from "../powers";
import { bucketWords, placeWords } from "../reach/places";
import type { Reach } from "../reach/reach";
import { NO_LIMITS } from "../reach/ruling";
import { verbWords } from "../reach/words";
import { described, OTHER_IDENTITY, OWN_IDENTITY } from "../stacks/people";
import { conditionText, listed, type Statement } from "../stacks/policies";
import type { Principal } from "../stacks/roles";

export function lifeWords({ credentials }: Principal): string {
  return credentials === undefined ? "" : `${credentials.seconds / 60} min`;
}

export function tokenWords({ kind, credentials }: Principal): string {
  const { token } = credentials ?? {};
  if (token === undefined) return kind === "guests" ? "no token needed" : "";
  const scopes = token.scopes === undefined ? "" : `, scopes ${token.scopes.join(" ")}`;
  const refresh = token.refreshDays === undefined ? "" : `, renewable for ${token.refreshDays} days`;
  return `${token.kind} of the app client ${token.client} (${token.minutes} min${scopes}${refresh})`;
}

export function powerWords({ who, does, actions }: Power): string {
  return `${described(who)} can ${does} (${actions.join(", ")})`;
}

/**
 * The rows that say something of their own: who may do a thing in the whole bucket may do it in every prefix, as far as is
 * said there, and is not told again for each.
 */
export function rowsToShow(reach: readonly Reach[]): Reach[] {
  const key = ({ bucket, who }: Reach) => JSON.stringify([bucket, described(who)]);
  const whole = new Map(reach.filter(({ prefix }) => prefix === "").map((row) => [key(row), row]));
  const conditions = ({ limits }: Reach, action: string) => {
    const { onlyIf, deniedIf } = limits.get(action) ?? NO_LIMITS;
    return JSON.stringify([onlyIf, deniedIf]);
  };
  return reach.filter((row) => {
    const above = whole.get(key(row));
    if (above === undefined || above === row) return true;
    const told = new Set<string>([...above.verbs, ...above.others]);
    return [...row.verbs, ...row.others].some(
      (action) => !told.has(action) || conditions(row, action) !== conditions(above, action),
    );
  });
}

/** What is to be read first. */
export function differencesOf({ differences }: AccessReport): PageList[] {
  return differences.length === 0 ? [] : [{ heading: "Differences from the configuration", lines: differences }];
}

/** What stands beside the table, in any form. */
export function listsOf(report: AccessReport): PageList[] {
  const elsewhere = report.elsewhere.map(({ who, statement }) => `${described(who)}: ${statementWords(statement)}`);
  const lists = [
    { heading: "Who decides what servers and people reach", lines: report.powers.map(powerWords) },
    { heading: "Who else decides, outside of these policies", lines: report.outside },
    { heading: "Other permissions, of others than servers, verbatim", lines: elsewhere },
    { heading: "What a policy_file takes away from what access grants", lines: report.takenAway },
    { heading: "Not covered, because these stacks do not define it", lines: report.unread },
  ];
  return lists.filter(({ lines }) => lines.length > 0);
}

function statementWords({ Effect, Action, NotAction, Resource, NotResource, Condition = {} }: Statement): string {
  const all = (some: Statement["NotAction"], others: Statement["NotAction"]) =>
    others === undefined ? listed(some).join(", ") : `all but ${listed(others).join(", ")}`;
  const where = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => `if ${conditionText(operator, key, values)}`),
  );
  const denied = Effect === "Deny" ? "denied " : "";
  return [`${denied}${all(Action, NotAction)} on ${all(Resource, NotResource)}`, ...where].join(", ");
}

export function verdict({ differences, reach }: AccessReport): string {
  if (differences.length === 0) return `matches the configuration: ${counted(rowsToShow(reach).length, "grant")}`;
  return `does not match the configuration: ${counted(differences.length, "difference")}`;
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
    const [first, ...more] = verbWords(row);
    lines.push(`  ${described(row.who).padEnd(width)}  ${first}`);
    const [life, token] = [lifeWords(row.who), tokenWords(row.who)];
    const by = row.who.credentials?.token === undefined ? token : `by ${token}`;
    const how = life === "" ? [] : [`credentials for ${life}${token === "" ? "" : `, ${by}`}`];
    const tls = row.withoutTls === true ? ["without TLS too"] : [];
    for (const line of [...more, ...how, ...tls]) lines.push(`  ${"".padEnd(width)}  ${line}`);
  }
  for (const { heading, lines: told } of [...listsOf(report), ...differencesOf(report)])
    lines.push("", heading, ...told.map((line) => `  ${line}`));
  return lines.join("\n");
}

/** The report for programs. */
export function accessJson(report: AccessReport): string {
  const { environment, powers, elsewhere, takenAway, outside, unread, differences } = report;
  return JSON.stringify({
    environment,
    reach: report.reach.map(({ bucket, prefix, who, verbs, others, limits, withoutTls }) => ({
      bucket,
      prefix: prefix === "" ? "" : placeWords(prefix),
      // Which tells a stand-in in the prefix from a folder of that name.
      identity: prefix.includes(OWN_IDENTITY) ? "own" : prefix.includes(OTHER_IDENTITY) ? "another" : null,
      who: { kind: who.kind, name: who.name },
      may: verbs,
      other_actions: others,
      limits: [...limits].map(([action, { only, except, onlyIf, deniedIf }]) => ({
        action,
        only,
        except,
        only_if: onlyIf,
        denied_if: deniedIf,
      })),
      credentials_seconds: who.credentials?.seconds ?? null,
      token: who.credentials?.token ?? null,
      without_tls: withoutTls ?? null,
    })),
    powers: powers.map(({ who, does, actions }) => ({ who: described(who), does, actions })),
    elsewhere: elsewhere.map(({ who, statement }) => ({ who: described(who), statement })),
    taken_away: takenAway,
    outside,
    unread,
    differences,
  });
}
