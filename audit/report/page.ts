import { type TableRow, tablePage } from "../../terminal/table-page";
import type { AccessReport } from "../access-report";
import { bucketWords, placeWords } from "../reach/places";
import type { Reach } from "../reach/reach";
import { verbWords } from "../reach/words";
import { described } from "../stacks/people";
import { differencesOf, lifeWords, listsOf, rowsToShow, tokenWords, verdict } from "./text";

/** The report as one HTML file. */
export function accessPage(report: AccessReport, now: Date): Promise<string> {
  return tablePage({
    title: `Who can reach what in ${report.environment}`,
    summary: verdict(report),
    isAlarming: report.differences.length > 0,
    origin: `from the policies as synthesised on ${now.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    columns: ["bucket", "prefix", "who", "may", "for how long", "by"],
    heads: 3,
    rows: rowsToShow(report.reach).map(row),
    before: differencesOf(report),
    after: listsOf(report),
  });
}

function row(reach: Reach): TableRow {
  const { bucket, prefix, who, withoutTls } = reach;
  const [first = "", ...more] = verbWords(reach);
  return {
    cells: [
      { shown: bucketWords(bucket), value: `${bucket}/${prefix}` },
      { shown: placeWords(prefix) },
      { shown: described(who) },
      { shown: first, below: [...more, ...(withoutTls === true ? ["without TLS too"] : [])] },
      { shown: lifeWords(who), value: String(who.credentials?.seconds ?? "") },
      { shown: tokenWords(who) },
    ],
  };
}
