import { canonical } from "./change-kind";

/** One action on one resource that a policy statement allows or denies. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  /** Who is allowed, in a policy that stands on a resource; "" in a policy of a role. */
  readonly principal: string;
  /** The prefix pattern that a request to list must match; undefined where the statement asks for none. */
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

/** What a policy document, as JSON, allows and denies, an action and a resource at a time. */
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

/** The one condition that the permission model has, on listing, is taken apart; any other is kept as it is. */
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

function list<T>(value: T | readonly T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...value] : [value as T];
}
