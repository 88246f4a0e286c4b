import { IDENTITY } from "../access/people";
import { objectActionsOf, SCOPES, type Scope } from "../access/permission-level";
import { type Grant, type Grants, grantChange, widens } from "./grants";
import { type Finding, widening } from "./report";

/** Describes how the access that policies give changes. `fresh`: the subject is new and had no access before. */
export function grantFindings(before: Grants | undefined, after: Grants | undefined, fresh = false): Finding[] {
  if (before === undefined || after === undefined) {
    return before === after
      ? []
      : [widening("its access is known only after the apply: read the policies in Terraform's plan")];
  }
  const change = grantChange(before, after);
  const { gained, lost, newlyDenied, noLongerDenied } = change;
  const harmless = gained.filter((grant) => !widens({ ...change, gained: [grant], noLongerDenied: [] }));
  const wider = gained.filter((grant) => !harmless.includes(grant));
  // The bucket is named only where there are two: otherwise every line would repeat it.
  const buckets = new Set([...before.allowed, ...after.allowed].map(bucketOf));
  const say = (words: string, grants: typeof gained, marked: boolean): Finding[] =>
    grantPhrases(grants, buckets.size > 1).map(({ who, text }) =>
      widening(`${who} ${words} ${text}`.trimStart(), marked),
    );
  return [
    ...say(fresh ? "may" : "may now also", wider, true),
    ...say(fresh ? "may" : "may now also", harmless, false),
    ...say("is no longer forbidden to", noLongerDenied, true),
    ...say("may no longer", lost, false),
    ...say("is now forbidden to", newlyDenied, false),
  ];
}

/** What actions other than a scope's main one mean, for sentences of the form "may … PLACE". */
const OTHER_VERBS: Readonly<Record<string, string>> = {
  "s3:AbortMultipartUpload": "abort unfinished uploads under",
  "sts:TagSession": "tag the sessions of",
  "sts:AssumeRole": "assume",
  "dynamodb:GetItem": "read items of",
  "dynamodb:BatchGetItem": "read several items at once of",
  "dynamodb:Query": "query",
  "dynamodb:Scan": "scan",
  "dynamodb:PutItem": "put items into",
  "dynamodb:UpdateItem": "write items of",
  "dynamodb:DeleteItem": "delete items of",
  "dynamodb:BatchWriteItem": "write several items at once to",
  "lambda:InvokeFunction": "invoke",
};

/** The same for a role's trust policy, which names who may use the role. */
const PASSIVE_VERBS: Readonly<Record<string, string>> = {
  "sts:AssumeRole": "be assumed",
  "sts:AssumeRoleWithWebIdentity": "be assumed",
  "sts:TagSession": "have its sessions tagged",
};

interface Phrase {
  /** Whom a resource's policy is about, placed before the words "may" or "is forbidden to"; "" in a role's own policy. */
  readonly who: string;
  readonly text: string;
}

/** Grants as short phrases, one per place: "write and read logs/". Places and verbs come in a stable order. */
function grantPhrases(grants: readonly Grant[], withBucket = false): Phrase[] {
  const places = new Map<string, { readonly who: string; readonly place: string; readonly actions: Set<string> }>();
  for (const grant of grants) {
    const [who, place] = [subjectOf(grant), placeOf(grant, withBucket)];
    const key = `${who}\n${place}`;
    const actions = places.get(key)?.actions ?? new Set();
    places.set(key, { who, place, actions: actions.add(grant.action) });
  }
  return [...places]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { who, place, actions }]) => {
      const passive = place.startsWith("by ");
      return { who, text: `${conjunction(verbsOf(actions, passive))} ${place}`.trimEnd() };
    });
}

/** The bucket that a grant is about, or one of whose objects it is about. */
function bucketOf({ resource }: Grant): string | undefined {
  return /^arn:[a-z-]+:s3:::([^/]+)/.exec(resource)?.[1];
}

/** The scopes that phrases for these grants already mention. */
export function scopesInGrants(grants: readonly Grant[]): Set<Scope> {
  const actions = new Set(grants.map(({ action }) => action));
  return new Set(SCOPES.filter((scope) => actions.has(mainAction(scope))));
}

export function conjunction(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function mainAction(scope: Scope): string {
  return objectActionsOf([scope])[0] ?? "s3:ListBucket";
}

function verbsOf(actions: ReadonlySet<string>, passive: boolean): string[] {
  const left = new Set(actions);
  const verbs: string[] = [];
  for (const scope of SCOPES) {
    if (!left.has(mainAction(scope))) continue;
    verbs.push(scope);
    for (const action of [mainAction(scope), ...objectActionsOf([scope])]) left.delete(action);
  }
  const verb = (action: string) =>
    passive ? (PASSIVE_VERBS[action] ?? `be reached with ${action}`) : (OTHER_VERBS[action] ?? `use ${action} on`);
  const others = [...left].sort().map(verb);
  return [...verbs, ...others];
}

const CONDITIONS: Readonly<Record<string, string>> = {
  '{"Bool":{"aws:SecureTransport":"false"}}': "without TLS",
  [`{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["${IDENTITY}"]},"Null":{"dynamodb:LeadingKeys":"false"}}`]:
    "where the partition key is their own identity",
};

/** The prefix for the permission model's own statements; for any other statement, everything it says. */
function placeOf(grant: Grant, withBucket: boolean): string {
  const { resource, listed, condition, principal } = grant;
  const bucket = bucketOf(grant);
  const key = bucket === undefined ? undefined : resource.slice(resource.indexOf(bucket) + bucket.length + 1);
  const prefix = /^(.*\/)\*$/s.exec(listed ?? key ?? "")?.[1] ?? listed;
  const inBucket = withBucket && bucket !== undefined ? ` in ${bucket}` : "";
  let place = resource;
  if (prefix !== undefined) place = `${prefix}${inBucket}`;
  else if (key === "") place = `the whole bucket ${bucket}`;
  else if (key === "*") place = `every object in ${bucket}`;
  const when = condition === "" ? "" : (CONDITIONS[condition] ?? `when ${condition}`);
  return [place, resource === "" && principal && `by ${named(principal)}`, when].filter(Boolean).join(" ");
}

/** A role's trust policy names no resource: its principal ends the phrase instead. */
function subjectOf({ principal, resource }: Grant): string {
  return principal === "" || resource === "" ? "" : named(principal);
}

function named(principal: string): string {
  return principal === "*" ? "everyone" : principal;
}
