import { readFileSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { type PolicyDocument, policyJson } from "../../access/policy";
import { nearest } from "../../terminal/nearest";
import type { Problem } from "../source/fault";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: the inline policies of a role together. */
export const MAX_POLICY_CHARACTERS = 10_240;
const VERSION = "2012-10-17";
const DOCUMENT_KEYS = ["Version", "Id", "Statement"];
const STATEMENT_KEYS = ["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"];
const ACTION = /^(\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
const RESOURCE = /^(\*|arn:.+)$/;

export interface CheckedPolicy {
  /** As IAM takes it; missing where the file has a fault. */
  readonly json?: string | undefined;
  readonly problems: readonly Problem[];
  /** What is allowed, and more than most roles ought to have. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads an identity policy from a file of an environment's folder, and checks it as IAM does when it is put on a role.
 * @param name the file, from the folder
 */
export function checkPolicyFile(folder: string, name: string): CheckedPolicy {
  const read = readInside(folder, name);
  if (typeof read !== "string") return { problems: [read], warnings: [] };
  let document: unknown;
  try {
    document = JSON.parse(read);
  } catch (error) {
    const message = `is not JSON: ${error instanceof Error ? error.message : String(error)}`;
    return {
      problems: [{ message, remedy: "correct it there: JSON has no comments and no comma at the end" }],
      warnings: [],
    };
  }
  if (!isObject(document)) {
    return { problems: [{ message: "is not a JSON object", remedy: "write the policy itself" }], warnings: [] };
  }
  const statements = [document.Statement ?? []].flat();
  const problems = [
    ...documentProblems(document, statements),
    ...statements.flatMap(statementProblems),
    ...sidProblems(statements),
  ];
  const json = policyJson(document as unknown as PolicyDocument);
  if (json.length > MAX_POLICY_CHARACTERS) {
    const message = `holds a policy of ${json.length} characters, and IAM allows a role's inline policies ${MAX_POLICY_CHARACTERS}`;
    problems.push({ message, remedy: "shorten it: fewer statements with wildcards, or fewer resources" });
  }
  if (json.includes("TfToken[")) {
    problems.push({ message: 'holds "TfToken[", which cdktf takes for a place of its own', remedy: "rename it" });
  }
  return problems.length > 0 ? { problems, warnings: [] } : { json, problems, warnings: statements.flatMap(breadth) };
}

function readInside(folder: string, name: string): string | Problem {
  const outside = {
    message: "is not in the environment's folder",
    remedy: "copy the file there, and write its name alone",
  };
  const within = (path: string, from: string) => {
    const way = relative(from, path);
    return way !== "" && way !== ".." && !way.startsWith("../") && !isAbsolute(way);
  };
  const path = join(folder, name);
  if (isAbsolute(name) || !within(path, folder)) return outside;
  try {
    if (!within(realpathSync(path), realpathSync(folder))) return outside;
    if (!statSync(path).isFile()) return { message: "is not a file", remedy: "write the name of the policy's file" };
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      return { message: "is a file that is not there", remedy: `create ${path}, or correct its name` };
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA")
      return { message: "is not UTF-8 text", remedy: "save it as UTF-8" };
    return { message: `cannot be read: ${message}`, remedy: "make it readable" };
  }
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function documentProblems(document: Json, statements: readonly unknown[]): Problem[] {
  const problems = unknownKeys(document, DOCUMENT_KEYS, "the policy");
  if (document.Version !== VERSION) {
    const message = `has ${document.Version === undefined ? "no Version" : `the Version ${JSON.stringify(document.Version)}`}`;
    problems.push({ message, remedy: `write "Version": "${VERSION}": in older ones IAM takes \${…} for plain text` });
  }
  if (statements.length === 0) problems.push({ message: "has no Statement", remedy: "write at least one" });
  return problems;
}

function statementProblems(statement: unknown, index: number): Problem[] {
  const place = `statement ${index + 1}`;
  if (!isObject(statement))
    return [{ message: `has a ${place} that is no object`, remedy: "write its keys in braces" }];
  const problems: Problem[] = [];
  const has = (key: string) => Object.hasOwn(statement, key);
  const principal = ["Principal", "NotPrincipal"].find(has);
  if (principal !== undefined) {
    const remedy = "remove it: who has the role is said by the group";
    problems.push({ message: `has a ${principal} in ${place}, and a role's own policy may have none`, remedy });
  }
  problems.push(...unknownKeys(statement, [...STATEMENT_KEYS, "Principal", "NotPrincipal"], place));
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
    problems.push({ message: `has no right Effect in ${place}`, remedy: 'write "Allow" or "Deny"' });
  }
  for (const [key, other, form] of [
    ["Action", "NotAction", ACTION],
    ["Resource", "NotResource", RESOURCE],
  ] as const) {
    if (has(key) === has(other)) {
      const message = `has ${has(key) ? `both ${key} and ${other}` : `neither ${key} nor ${other}`} in ${place}`;
      problems.push({ message, remedy: `write one of the two: ${key}, unless you mean all but some` });
      continue;
    }
    const values = [statement[key] ?? statement[other]].flat();
    const wrong = values.find((value) => typeof value !== "string" || !form.test(value));
    if (values.length > 0 && wrong === undefined) continue;
    const example = key === "Action" ? '"s3:GetObject"' : '"arn:aws:s3:::bucket/*"';
    const message = `has ${values.length === 0 ? "nothing" : JSON.stringify(wrong)} as ${has(key) ? key : other} in ${place}`;
    problems.push({ message, remedy: `write it like ${example}, or a list of such` });
  }
  if (has("Condition") && !isObject(statement.Condition)) {
    problems.push({
      message: `has a Condition that is no object in ${place}`,
      remedy: "write its operators in braces",
    });
  }
  return problems;
}

function unknownKeys(object: Json, known: readonly string[], place: string): Problem[] {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = nearest(key, known);
      const remedy = meant === undefined ? "IAM would refuse it: remove it" : `did you mean "${meant}"?`;
      return { message: `has the unknown key "${key}" in ${place}`, remedy };
    });
}

function sidProblems(statements: readonly unknown[]): Problem[] {
  const sids = statements.flatMap((statement) =>
    isObject(statement) && statement.Sid !== undefined ? [statement.Sid] : [],
  );
  return sids.flatMap((sid, index) => {
    if (typeof sid !== "string" || !/^[A-Za-z0-9]*$/.test(sid)) {
      return [{ message: `has the Sid ${JSON.stringify(sid)}`, remedy: "use letters and digits alone" }];
    }
    return sids.indexOf(sid) === index ? [] : [{ message: `has the Sid "${sid}" twice`, remedy: "rename one" }];
  });
}

function breadth(statement: unknown, index: number): Problem[] {
  if (!isObject(statement) || statement.Effect !== "Allow" || statement.Condition !== undefined) return [];
  const everything = (value: unknown) => [value].flat().includes("*");
  const wide = [everything(statement.Action) || statement.NotAction !== undefined, everything(statement.Resource)];
  if (!wide.every(Boolean)) return [];
  return [
    {
      message: `allows everything in the account by statement ${index + 1}, its IAM users and this state's bucket included`,
      remedy:
        "name what its members need; administrators of AWS better have IAM Identity Center, with roles of its own",
    },
  ];
}
