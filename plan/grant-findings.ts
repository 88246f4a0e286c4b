import { type Finding, widening } from "./finding";
import { grantChange, widens } from "./grant-change";
import { bucketOf, grantPhrases } from "./grant-words";
import type { Grants } from "./grants";

/** How what policies allow changes, in words. `fresh` is for somebody who is new, and had nothing before. */
export function grantFindings(before: Grants | undefined, after: Grants | undefined, fresh = false): Finding[] {
  if (before === undefined || after === undefined) {
    return before === after
      ? []
      : [widening("its access is not known before the apply: read the policies in Terraform's plan")];
  }
  const change = grantChange(before, after);
  const { gained, lost, newlyDenied, noLongerDenied } = change;
  const harmless = gained.filter((grant) => !widens({ ...change, gained: [grant], noLongerDenied: [] }));
  const wider = gained.filter((grant) => !harmless.includes(grant));
  // The bucket is told only where there are two: else it is the same in every line.
  const buckets = new Set([...before.allowed, ...after.allowed].map(bucketOf));
  const say = (words: string, grants: typeof gained, marked: boolean): Finding[] =>
    grantPhrases(grants, buckets.size > 1).map(({ who, text }) =>
      widening(`${who} ${words} ${text}`.trimStart(), marked),
    );
  return [
    ...say(fresh ? "may" : "may now also", wider, true),
    ...say(fresh ? "may" : "may now also", harmless, false),
    ...say("is no longer denied to", noLongerDenied, true),
    ...say("may no longer", lost, false),
    ...say("is now denied to", newlyDenied, false),
  ];
}
