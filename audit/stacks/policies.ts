import type { PolicyDocument, PolicyStatement } from "../../access/policy";
import { matches } from "../../iam/pattern";

/** A statement of a policy that users may have written themselves. */
export type Statement = Omit<PolicyStatement, "Action"> & {
  readonly Action?: PolicyStatement["Action"];
  readonly NotPrincipal?: unknown;
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
  const strange = Statements.find(({ Effect }) => Effect !== "Allow" && Effect !== "Deny");
  if (strange !== undefined)
    throw new Error(`the policy ${name} has the effect ${JSON.stringify(strange.Effect)}: IAM knows Allow and Deny`);
  return { name, document: { Version, Statement: Statements } };
}

/** How the ARN of every bucket and object begins. */
export const S3 = "arn:aws:s3:::";
/** What a listing says that it is of. */
export const PREFIX_KEY = "s3:prefix";

/** IAM reads the names of condition keys in any case; here they are compared in this one. */
const SPELLINGS: ReadonlyMap<string, string> = new Map(
  [PREFIX_KEY, "aws:SecureTransport"].map((key) => [key.toLowerCase(), key]),
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

/** What a statement says of anything but S3's buckets and objects, which alone are evaluated; nothing where it says none. */
export function otherThanObjects(statement: Statement): Statement[] {
  const { Action, NotAction, Resource, NotResource } = statement;
  const isOfBuckets = NotResource === undefined && listed(Resource).every((resource) => resource.startsWith(S3));
  if (NotAction !== undefined) return [statement];
  const actions = listed(Action).filter((action) => !isOfBuckets || !/^s3:/i.test(action));
  return actions.length === 0 ? [] : [{ ...statement, Action: actions }];
}

/** A condition in one line. */
export function conditionText(operator: string, key: string, values: string | readonly string[]): string {
  return `${operator} ${key} ${listed(values).join(" or ")}`;
}

const VARIABLE = /\$\{([^},]+)[^}]*\}/g;
/** IAM's own way to write these characters themselves. */
const ESCAPES = new Set(["*", "?", "$"]);

/** A statement for whoever meets every condition of it that cannot be answered here: of a network, a time, a tag of his. */
export interface Opened {
  /** The name of its policy. */
  readonly policy: string;
  readonly statement: Statement;
  /** Those conditions, in words. */
  readonly where?: string;
}

/** Statements without the conditions, and with a wildcard for the variables, that are not known. */
export function opened(
  policies: readonly Policy[],
  isKnown: (key: string, operator: string) => boolean,
  variables: ReadonlySet<string> = new Set(),
): Opened[] {
  return policies.flatMap(({ name: policy, document }) =>
    document.Statement.map((each) => {
      const { statement, open } = withoutOpenEnds(each, isKnown, variables);
      return { policy, statement, ...(open.length === 0 ? {} : { where: open.join(" and ") }) };
    }),
  );
}

/** As they are for whoever meets those conditions, and whom no Deny meets that may pass him by: nothing allowed is missing. */
export function atBest(statements: readonly Opened[]): Policy[] {
  const kept = statements.filter(({ statement: { Effect }, where }) => Effect === "Allow" || where === undefined);
  return [...new Set(kept.map(({ policy }) => policy))].map((name) => ({
    name,
    document: {
      Version: "2012-10-17",
      Statement: kept.filter(({ policy }) => policy === name).map(({ statement }) => statement),
    },
  }));
}

function withoutOpenEnds(
  statement: Statement,
  isKnown: (key: string, operator: string) => boolean,
  variables: ReadonlySet<string>,
): { statement: Statement; open: string[] } {
  const open: string[] = [];
  const isOpen = (variable: string, key: string) => !variables.has(variable) && !ESCAPES.has(key);
  const fill = <T>(value: T): T =>
    JSON.parse(
      JSON.stringify(value).replace(VARIABLE, (variable, key: string) => {
        if (variables.has(variable)) return variable;
        if (ESCAPES.has(key)) return "?";
        open.push(`${variable} is right`);
        return "*";
      }),
    );
  const hasOpen = (text: string) => [...text.matchAll(VARIABLE)].some(([variable, key]) => isOpen(variable, key ?? ""));
  const { Condition = {}, Resource, NotResource, ...rest } = statement;
  const conditions = Object.entries(Condition).map(([operator, keys]) => {
    const answered = Object.entries(keys).filter(([key, values]) => {
      // A wildcard in the place of a variable widens what is matched, and so narrows what is not.
      if (isKnown(key, operator) && !(operator.includes("Not") && listed(values).some(hasOpen))) return true;
      open.push(conditionText(operator, key, values));
      return false;
    });
    return [operator, fill(Object.fromEntries(answered))] as const;
  });
  const left = conditions.filter(([, keys]) => Object.keys(keys).length > 0);
  const excepted = listed(NotResource);
  for (const pattern of excepted.filter(hasOpen)) open.push(`not ${pattern}`);
  return {
    statement: {
      ...rest,
      ...(Resource === undefined ? {} : { Resource: fill(Resource) }),
      ...(NotResource === undefined ? {} : { NotResource: fill(excepted.filter((pattern) => !hasOpen(pattern))) }),
      ...(left.length === 0 ? {} : { Condition: Object.fromEntries(left) }),
    },
    open,
  };
}
