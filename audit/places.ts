import { IDENTITY } from "../access/people";
import { literalPart, matches, withoutWildcards } from "./pattern";
import { OTHER_IDENTITY, OWN_IDENTITY } from "./people";
import { listed, type Statement } from "./policies";

/** How the ARN of every bucket and object begins. */
export const S3 = "arn:aws:s3:::";
const LIST = "s3:ListBucket";

/** A part of a bucket that some policy is about. */
export interface Place {
  readonly bucket: string;
  readonly prefix: string;
  /** How the ARNs of all objects in it begin. */
  readonly start: string;
}

/** A prefix as people read it. */
export function placeWords(prefix: string): string {
  if (prefix === "") return "the whole bucket";
  return prefix
    .replaceAll(OWN_IDENTITY, "<own identity id>")
    .replaceAll(OTHER_IDENTITY, "<identity id of anybody else>");
}

export function bucketWords(bucket: string): string {
  return bucket === "*" ? "every bucket" : bucket;
}

/** The objects that a statement may allow something with, as patterns of their ARNs; a bucket's listing is of its objects. */
export function objectPatterns({ Effect, Action, Resource, NotResource, Condition }: Statement): string[] {
  const named = listed(Action);
  if (Effect !== "Allow") return [];
  const resources = NotResource === undefined ? listed(Resource) : ["*"];
  const under = listing(named, Condition);
  return resources.flatMap((resource) => {
    // "*", and whatever else may stand for S3's buckets among others.
    if (S3.startsWith(literalPart(resource))) return [`${S3}*/*`];
    if (!resource.startsWith(S3)) return [];
    if (resource.includes("/")) return [resource];
    return under.map((prefix) => `${resource}/${prefix}`);
  });
}

/** The prefixes that a statement about buckets is for, as patterns. */
function listing(actions: readonly string[], condition: Statement["Condition"] = {}): readonly string[] {
  const asked = Object.entries(condition).filter(([, keys]) => keys["s3:prefix"] !== undefined);
  const named = asked.flatMap(([, keys]) => listed(keys["s3:prefix"]));
  const isOfListing = actions.length > 0 && actions.every((action) => matches(action, LIST, "i"));
  const isOfNoOther = asked.length > 0 && asked.every(([operator]) => /^String(Like|Equals)$/.test(operator));
  return isOfListing && isOfNoOther ? named : [...named, "*"];
}

/** The places that patterns are about, each once, by the order of their starts. */
export function placesOf(all: readonly string[]): readonly Place[] {
  const found = new Map<string, Place>();
  for (const pattern of new Set(all)) {
    for (const identity of pattern.includes(IDENTITY) ? [OWN_IDENTITY, OTHER_IDENTITY] : [""]) {
      const shown = pattern.replaceAll(IDENTITY, identity).slice(S3.length).replace(/\*+$/, "");
      const slash = shown.indexOf("/");
      const start = S3 + withoutWildcards(shown);
      if (!found.has(start)) found.set(start, { bucket: shown.slice(0, slash), prefix: shown.slice(slash + 1), start });
    }
  }
  return [...found.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The places whose start begins with a text: they stand together. */
export function startingWith(places: readonly Place[], text: string): readonly Place[] {
  const first = firstFrom(places, text);
  let end = first;
  while (places[end]?.start.startsWith(text)) end++;
  return places.slice(first, end);
}

function firstFrom(places: readonly Place[], text: string): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.start ?? "") < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
