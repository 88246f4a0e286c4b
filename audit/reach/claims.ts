import { IDENTITY } from "../../access/people";
import { evaluate } from "../../iam/evaluate";
import { inName, literal } from "../../iam/pattern";
import { ACCOUNT } from "../stacks/deployment";
import { OWN_IDENTITY } from "../stacks/people";
import { listed, names, type Opened, PREFIX_KEY, S3, type Statement } from "../stacks/policies";
import type { Principal } from "../stacks/roles";
import { ANY_BUCKET } from "./places";
import type { Claim, Part } from "./ruling";

// From statements to what they claim of one action: of objects by their ARNs, of listings by the bucket's ARN with the prefix
// that is named, and of all else by the bucket's ARN.

const OPERATOR = /^(ForAnyValue:|ForAllValues:)?(String(?:Not)?(?:Equals|Like)|Null)(IfExists)?$/;

/** Whether a condition on the prefix of a listing is one that can be answered for all prefixes at once. */
export function isReadOfPrefix(operator: string): boolean {
  return OPERATOR.test(operator);
}

/** What an action is asked about. */
export type Subject = "objects" | "listings" | "buckets";

interface Asked {
  readonly action: string;
  readonly subject: Subject;
  readonly who: Principal;
  readonly tls: "true" | "false";
}

/** What statements of one effect claim of an action. */
export async function claimsOf(statements: readonly Opened[], asked: Asked, bucket?: string): Promise<Claim[]> {
  const found: Claim[] = [];
  for (const { statement, policy, where } of statements) {
    if (!names(statement, asked.action)) continue;
    if (!(await applies(statement, asked))) continue;
    const parts = [...resourceParts(statement, asked), ...prefixParts(statement, asked), ...bucketParts(bucket, asked)];
    found.push({ parts, ...(where === undefined ? {} : { where: `${where} (${policy})` }) });
  }
  return found;
}

/** Whether whom a statement is for, and its conditions on all but the prefix, fit whoever asks; their answer is IAM's. */
async function applies({ Principal: named, Condition = {} }: Statement, { who, tls }: Asked): Promise<boolean> {
  const others = Object.entries(Condition).flatMap(([operator, keys]) => {
    const left = Object.entries(keys).filter(([key]) => key !== PREFIX_KEY);
    return left.length === 0 ? [] : [[operator, Object.fromEntries(left)] as const];
  });
  const isForAll = named === undefined || named === "*";
  if (isForAll && others.length === 0) return true;
  const statement = { Effect: "Allow", Action: "*", Resource: "*", Condition: Object.fromEntries(others) };
  const key = JSON.stringify([isForAll ? "" : who.arn, named, statement, who.context, tls]);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const policyOf = (more: object) => ({ Version: "2012-10-17", Statement: [{ ...statement, ...more }] });
  const { allowed } = await evaluate({
    principal: who.arn,
    accountId: ACCOUNT,
    action: ANY_ACTION,
    resource: `${S3}bucket/object`,
    context: { ...who.context, "aws:SecureTransport": tls },
    identityPolicies: isForAll ? [{ name: "asked", policy: policyOf({}) }] : [],
    ...(isForAll ? {} : { resourcePolicy: policyOf({ Principal: named }) }),
  });
  answers.set(key, allowed);
  return allowed;
}

/** No condition that is left is about what only some actions are asked with. */
const ANY_ACTION = "s3:GetObject";
const answers = new Map<string, boolean>();

function resourceParts({ Resource, NotResource }: Statement, { subject, who }: Asked): Part[] {
  const but = NotResource !== undefined;
  const all = listed(but ? NotResource : Resource).map((pattern) => withValues(pattern, who));
  // A bucket's ARN has no slash.
  const ofBuckets = all.filter((pattern) => !pattern.includes("/"));
  const patterns = { objects: all, buckets: ofBuckets, listings: ofBuckets.map((pattern) => `${inName(pattern)}/*`) };
  return [{ patterns: patterns[subject], but }];
}

/** The bucket that a bucket's policy is of. */
function bucketParts(bucket: string | undefined, { subject }: Asked): Part[] {
  if (bucket === undefined) return [];
  return [{ patterns: [subject === "buckets" ? `${S3}${bucket}` : `${S3}${bucket}/*`], but: false }];
}

const ALWAYS: Part[] = [];
const NEVER: Part[] = [{ patterns: [], but: false }];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
function prefixParts({ Condition = {} }: Statement, { subject, who }: Asked): Part[] {
  return Object.entries(Condition).flatMap(([operator, { [PREFIX_KEY]: values }]) => {
    if (values === undefined) return ALWAYS;
    const [, set, test = "", ifExists] = OPERATOR.exec(operator) ?? [];
    const isNamed = subject === "listings";
    if (test === "Null") return listed(values).includes(String(!isNamed)) ? ALWAYS : NEVER;
    const but = test.includes("Not");
    if (!isNamed) {
      const holds = ifExists !== undefined || set === "ForAllValues:" || (but && set === undefined);
      return holds ? ALWAYS : NEVER;
    }
    const texts = listed(values).map((value) => withValues(value, who));
    return [{ patterns: texts.map((text) => ANY_BUCKET + (test.endsWith("Like") ? text : literal(text))), but }];
  });
}

/** A pattern with the values of the principal's tags, and his own identity. */
export function withValues(pattern: string, who: Principal): string {
  return withTags(pattern, who).replaceAll(IDENTITY, OWN_IDENTITY);
}

/** A pattern with the values of the principal's tags; his identity is left, since places are of others' too. */
export function withTags(pattern: string, { context }: Principal): string {
  const tags = Object.entries(context).filter(([key]) => key.startsWith("aws:PrincipalTag/"));
  return tags.reduce((filled, [key, value]) => filled.replaceAll(`\${${key}}`, String(value)), pattern);
}
