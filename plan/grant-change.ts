import { type Grant, type Grants, NO_GRANTS } from "./grants";

/** How what policies allow changes: `gained` and `lost` are in no policy of the other side, also not by a wildcard. */
export interface GrantChange {
  readonly gained: readonly Grant[];
  readonly lost: readonly Grant[];
  readonly newlyDenied: readonly Grant[];
  /** Denials that are gone: what they held back may now be allowed. */
  readonly noLongerDenied: readonly Grant[];
}

export function grantChange(before: Grants = NO_GRANTS, after: Grants = NO_GRANTS): GrantChange {
  return {
    gained: notCovered(after.allowed, before.allowed),
    lost: notCovered(before.allowed, after.allowed),
    newlyDenied: notCovered(after.denied, before.denied),
    noLongerDenied: notCovered(before.denied, after.denied),
  };
}

/** Actions that let nobody reach anything: to tag a session one must already be allowed to open it. */
const HARMLESS_ACTIONS: ReadonlySet<string> = new Set(["sts:TagSession"]);

export function widens({ gained, noLongerDenied }: GrantChange): boolean {
  return gained.some(({ action }) => !HARMLESS_ACTIONS.has(action)) || noLongerDenied.length > 0;
}

function notCovered(grants: readonly Grant[], by: readonly Grant[]): Grant[] {
  return grants.filter((grant) => !by.some((other) => covers(other, grant)));
}

/** Whether the first grant allows all that the second allows. */
export function covers(wide: Grant, narrow: Grant): boolean {
  return (
    matches(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    (matches(wide.resource, narrow.resource) || wide.resource === narrow.resource) &&
    (wide.principal === narrow.principal || wide.principal === "*") &&
    (wide.condition === "" || wide.condition === narrow.condition) &&
    (wide.listed === undefined || (narrow.listed !== undefined && matches(wide.listed, narrow.listed)))
  );
}

/** Whether IAM's pattern matches all that the other pattern, or plain text, matches. */
function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = [...pattern]
    .map((character) => {
      if (character === "*") return ".*";
      // One character of any kind, but not the other side's wildcard, which stands for many.
      if (character === "?") return "[^*]";
      return character.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`, "su").test(text);
}
