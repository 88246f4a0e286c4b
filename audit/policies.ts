import type { PolicyDocument, PolicyStatement } from "../access/policy";
import { matches } from "./pattern";

/** A statement of a policy that users may have written themselves. */
export type Statement = Omit<PolicyStatement, "Action"> & {
  readonly Action?: PolicyStatement["Action"];
  readonly NotAction?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
};

export interface Policy {
  readonly name: string;
  readonly document: { readonly Version?: string; readonly Statement: readonly Statement[] };
}

/** @throws {Error} where the text is no policy */
export function parsePolicy(name: string, text: string): Policy {
  const { Version, Statement } = JSON.parse(text) as PolicyDocument;
  const statements = [Statement].flat() as readonly (Statement | undefined)[];
  if (statements.includes(undefined)) throw new Error(`the policy ${name} has no statement`);
  const Statements = (statements as readonly Statement[]).map(withKnownSpelling);
  return { name, document: { Version, Statement: Statements } };
}

/** IAM reads the names of condition keys in any case; here they are compared in this one. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  ["s3:prefix", "aws:SecureTransport"].map((key) => [key.toLowerCase(), key]),
);

function withKnownSpelling(statement: Statement): Statement {
  if (statement.Condition === undefined) return statement;
  const Condition = Object.entries(statement.Condition).map(([operator, keys]) => [
    operator,
    Object.fromEntries(Object.entries(keys).map(([key, values]) => [SPELLINGS.get(key.toLowerCase()) ?? key, values])),
  ]);
  return { ...statement, Condition: Object.fromEntries(Condition) };
}

export function listed(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat();
}

/** Whether a statement may say something of an action. */
export function names({ Action, NotAction }: Statement, action: string): boolean {
  const isOf = (actions: Statement["NotAction"]) => listed(actions).some((pattern) => matches(pattern, action, "i"));
  return NotAction === undefined ? isOf(Action) : !isOf(NotAction);
}

/** Whether one of the policies may allow an action on something: otherwise there is nothing to evaluate. */
export function mayAllow(policies: readonly Policy[], action: string): boolean {
  return policies.some(({ document }) =>
    document.Statement.some((statement) => statement.Effect === "Allow" && names(statement, action)),
  );
}

/** A condition in one line. */
export function conditionText(operator: string, key: string, values: string | readonly string[]): string {
  return `${operator} ${key} ${listed(values).join(" or ")}`;
}

const VARIABLE = /\$\{([^},]+)[^}]*\}/g;
/** IAM's own way to write these characters themselves. */
const ESCAPES = new Set(["*", "?", "$"]);

export interface Favourable {
  readonly policies: readonly Policy[];
  /** What was taken for the better, in words, and of which statement. */
  readonly assumed: readonly { readonly words: string; readonly of: Statement }[];
}

/**
 * Policies as they are for whoever meets every condition that cannot be answered here (of a network, a time, a tag of
 * his): what may be allowed is then never missing. Conditions on `known` keys stay.
 */
export function favourable(
  policies: readonly Policy[],
  known: ReadonlySet<string>,
  variables: ReadonlySet<string> = new Set(),
): Favourable {
  const assumed: { words: string; of: Statement }[] = [];
  const kept = policies.map(({ name, document }) => ({
    name,
    document: {
      ...document,
      Statement: document.Statement.flatMap((statement) => {
        const { statement: better, open } = withoutOpenEnds(statement, known, variables);
        const denies = statement.Effect === "Deny";
        if (open.length === 0) return [denies ? statement : better];
        assumed.push({ words: `${name}: ${denies ? "denies where" : "only where"} ${open.join(" and ")}`, of: better });
        return denies ? [] : [better];
      }),
    },
  }));
  return { policies: kept, assumed };
}

/** An Allow without the conditions, and with a wildcard for the variables, that are not known; and which those are. */
function withoutOpenEnds(
  statement: Statement,
  known: ReadonlySet<string>,
  variables: ReadonlySet<string>,
): { statement: Statement; open: string[] } {
  const open: string[] = [];
  const fill = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replace(VARIABLE, (variable, key: string) => {
        if (variables.has(variable)) return variable;
        if (ESCAPES.has(key)) return "?";
        open.push(`${variable} is right`);
        return "*";
      }),
    );
  const { Condition = {}, Resource, ...rest } = statement;
  const conditions = Object.entries(Condition).map(([operator, keys]) => {
    const answered = Object.entries(keys).filter(([key, values]) => {
      if (known.has(key)) return true;
      open.push(conditionText(operator, key, values));
      return false;
    });
    return [operator, fill(Object.fromEntries(answered))] as const;
  });
  const left = conditions.filter(([, keys]) => Object.keys(keys).length > 0);
  return {
    statement: {
      ...rest,
      ...(Resource === undefined ? {} : { Resource: fill(Resource) }),
      ...(left.length === 0 ? {} : { Condition: Object.fromEntries(left) }),
    },
    open,
  };
}
