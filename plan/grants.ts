import type { ResourceChange } from "./terraform-plan";

/** One action on one resource that a policy statement allows or denies. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  /** Who is allowed, in a resource's policy; "" in a role's policy. */
  readonly principal: string;
  /** The prefix pattern that a list request must match; undefined where the statement requires none. */
  readonly listed?: string;
  /** Any other condition, as JSON; "" for none. */
  readonly condition: string;
}

export interface Grants {
  readonly allowed: readonly Grant[];
  readonly denied: readonly Grant[];
}

export const NO_GRANTS: Grants = { allowed: [], denied: [] };

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | string[];
  readonly NotAction?: string | string[];
  readonly Resource?: string | string[];
  readonly NotResource?: string | string[];
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** What a policy document, as JSON, allows and denies: one grant for each action and resource. */
export function grantsOf(policy: string): Grants {
  const document = JSON.parse(policy) as { Statement?: Statement | Statement[] };
  const statements = list(document.Statement);
  const of = (effect: string) => statements.filter((s) => s.Effect === effect).flatMap(grantsOfStatement);
  return { allowed: of("Allow"), denied: of("Deny") };
}

export function joinGrants(grants: readonly Grants[]): Grants {
  return { allowed: grants.flatMap((g) => g.allowed), denied: grants.flatMap((g) => g.denied) };
}

function grantsOfStatement(statement: Statement): Grant[] {
  const actions = statement.NotAction
    ? [`everything but ${list(statement.NotAction).join(", ")}`]
    : list(statement.Action);
  const resources = statement.NotResource
    ? [`everything but ${list(statement.NotResource).join(", ")}`]
    : list(statement.Resource ?? "");
  const principals = principalsOf(statement);
  const { listed, condition } = conditionOf(statement);
  return actions.flatMap((action) =>
    resources.flatMap((resource) =>
      principals.flatMap((principal) =>
        listed.map((pattern) => ({
          action,
          resource,
          principal,
          condition,
          ...(pattern === undefined ? {} : { listed: pattern }),
        })),
      ),
    ),
  );
}

function principalsOf({ Principal, NotPrincipal }: Statement): string[] {
  if (NotPrincipal !== undefined) return [`everyone but ${canonical(NotPrincipal)}`];
  if (Principal === undefined) return [""];
  if (typeof Principal === "string") return [Principal];
  return Object.values(Principal as Record<string, string | string[]>).flatMap((value) => list(value));
}

/** The one condition that the permission model has, on listing, is parsed; any other is kept as JSON. */
function conditionOf({ Condition }: Statement): { listed: (string | undefined)[]; condition: string } {
  if (Condition === undefined || Object.keys(Condition).length === 0) return { listed: [undefined], condition: "" };
  const [operator, ...others] = Object.keys(Condition);
  const keys = Condition.StringLike as Record<string, string | string[]> | undefined;
  const patterns = keys?.["s3:prefix"];
  if (operator === "StringLike" && others.length === 0 && Object.keys(keys ?? {}).length === 1 && patterns) {
    return { listed: list(patterns), condition: "" };
  }
  return { listed: [undefined], condition: canonical(Condition) };
}

export type Side = "before" | "after";

/**
 * What the policy in an attribute grants on one side: nothing where the resource does not exist, undefined where the
 * policy is unknown, or is marked as sensitive and must not be shown.
 */
export function policyGrants(change: ResourceChange, attribute: string, side: Side): Grants | undefined {
  const values = change[side];
  if (values === null) return grantsOf('{"Statement":[]}');
  const sensitive = (side === "before" ? change.beforeSensitive : change.afterSensitive) as Record<string, unknown>;
  const policy = values[attribute];
  if (sensitive?.[attribute] === true || typeof policy !== "string") return undefined;
  try {
    return grantsOf(policy);
  } catch {
    return undefined;
  }
}

/** How the access that policies give changes: no policy of the other side covers `gained` or `lost`, even by a wildcard. */
export interface GrantChange {
  readonly gained: readonly Grant[];
  readonly lost: readonly Grant[];
  readonly newlyDenied: readonly Grant[];
  /** Denials that are gone: what they blocked may now be allowed. */
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

/** Actions that give no access of their own: tagging a session requires being allowed to open it. */
const HARMLESS_ACTIONS: ReadonlySet<string> = new Set(["sts:TagSession"]);

export function widens({ gained, noLongerDenied }: GrantChange): boolean {
  return gained.some(({ action }) => !HARMLESS_ACTIONS.has(action)) || noLongerDenied.length > 0;
}

function notCovered(grants: readonly Grant[], by: readonly Grant[]): Grant[] {
  return grants.filter((grant) => !by.some((other) => covers(other, grant)));
}

/** Whether the first grant allows everything that the second does. */
export function covers(wide: Grant, narrow: Grant): boolean {
  return (
    matches(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    (matches(wide.resource, narrow.resource) || wide.resource === narrow.resource) &&
    (wide.principal === narrow.principal || wide.principal === "*") &&
    (wide.condition === "" || wide.condition === narrow.condition) &&
    (wide.listed === undefined || (narrow.listed !== undefined && matches(wide.listed, narrow.listed)))
  );
}

/** Whether an IAM pattern matches everything that another pattern, or plain text, matches. */
function matches(pattern: string, text: string): boolean {
  if (!/[*?]/.test(pattern)) return pattern === text;
  const source = [...pattern]
    .map((character) => {
      if (character === "*") return ".*";
      // Any one character, but not the other side's wildcard, which matches many.
      if (character === "?") return "[^*]";
      return character.replace(/[\\^$.|+()[\]{}]/g, "\\$&");
    })
    .join("");
  return new RegExp(`^${source}$`, "su").test(text);
}

function list<T>(value: T | readonly T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...value] : [value as T];
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? ""
  );
}
