import { IDENTITY } from "../../access/people";
import { inName, literalPart, shown } from "../../iam/pattern";
import { OTHER_IDENTITY, OWN_IDENTITY } from "../stacks/people";
import { listed, PREFIX_KEY, S3, type Statement } from "../stacks/policies";

/** How the ARNs of objects in any bucket begin. */
export const ANY_BUCKET = `${S3}${inName("?*")}/`;

/** A part of a bucket that some policy is about. */
export interface Place {
  readonly bucket: string;
  /** All of the bucket when empty, a folder when it ends with a slash, otherwise a pattern of keys. */
  readonly prefix: string;
  /** The ARNs of all objects in it, and the folder itself, as a listing names it. */
  readonly pattern: string;
  /** How these ARNs begin. */
  readonly start: string;
}

/** The place that a bucket and a prefix, as they are shown, stand for. */
function placeOf(bucket: string, prefix: string): Place {
  const isFolder = prefix === "" || prefix.endsWith("/");
  const pattern = `${bucketPattern(S3 + bucket)}/${prefix}${isFolder ? "*" : ""}`;
  return { bucket, prefix, pattern, start: literalPart(pattern) };
}

/** A prefix as people read it. */
export function placeWords(prefix: string): string {
  if (prefix === "") return "the whole bucket";
  return prefix
    .replaceAll(OWN_IDENTITY, "<own identity id>")
    .replaceAll(OTHER_IDENTITY, "<identity id of anybody else>");
}

export function bucketWords(bucket: string): string {
  if (bucket === "*") return "every bucket";
  return /[*?]/.test(bucket) ? `every bucket named ${bucket}` : bucket;
}

/** Whether a condition names the prefixes that it holds for, or those that it does not hold for. */
const NAMING = { Allow: /^(ForAnyValue:|ForAllValues:)?String(Equals|Like)/, Deny: /StringNot(Equals|Like)/ };
/** Whether nothing else is allowed than listings with one of these. */
const NAMING_ALL = /^(ForAnyValue:)?String(Equals|Like)$/;

/** The objects that a statement allows something with, or that a Deny leaves, as patterns of their ARNs. */
export function placePatterns({ Effect, Resource, NotResource, Condition = {} }: Statement): string[] {
  const named = Object.entries(Condition).flatMap(([operator, { [PREFIX_KEY]: values }]) =>
    NAMING[Effect].test(operator) ? listed(values) : [],
  );
  const isNamed = Object.entries(Condition).some(([operator, keys]) => NAMING_ALL.test(operator) && PREFIX_KEY in keys);
  const isDeny = Effect === "Deny";
  const resources = NotResource === undefined ? listed(Resource) : ["*"];
  const prefixes = isDeny || isNamed ? named : [...named, "*"];
  const ofObjects = (isDeny ? listed(NotResource) : resources).filter((resource) => !isBucket(resource));
  const ofBuckets = resources.filter((resource) => isBucket(resource.replace(/[*?]/g, "")));
  return [
    ...(isNamed ? [] : ofObjects),
    ...ofBuckets.flatMap((bucket) => prefixes.map((prefix) => `${bucketPattern(bucket)}/${prefix}`)),
  ];
}

/** Whether it is the ARN of one bucket alone. */
function isBucket(resource: string): boolean {
  return !/[*?/]/.test(resource);
}

/** A pattern of buckets' ARNs, for whatever may stand for S3's among others. No bucket has an empty name. */
export function bucketPattern(resource: string): string {
  return inName(S3.startsWith(literalPart(resource)) ? `${S3}?*` : resource);
}

/** The places that patterns of objects' ARNs are about, each once, by the order of their starts. */
export function placesOf(patterns: readonly string[]): readonly Place[] {
  const found = new Map<string, Place>();
  for (const pattern of new Set(patterns)) {
    for (const identity of pattern.includes(IDENTITY) ? [OWN_IDENTITY, OTHER_IDENTITY] : [""]) {
      for (const [bucket, key] of bucketsAndKeys(pattern.replaceAll(IDENTITY, identity))) {
        const place = placeOf(bucket, folderOf(key));
        found.set(place.pattern, place);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** `a/*` is the folder `a/`; so is `a/` alone, which a listing may name. */
function folderOf(key: string): string {
  const folder = key.replace(/\*+$/, "");
  return folder === "" || (folder.endsWith("/") && !/[*?]/.test(folder)) ? folder : key;
}

/**
 * Patterns of the bucket's name and of keys that have all objects of a pattern. Where a wildcard is before the first slash,
 * that slash may be one of its characters: then more than one pair is needed.
 */
function bucketsAndKeys(pattern: string): [bucket: string, key: string][] {
  if (S3.startsWith(literalPart(pattern))) return [["*", "*"]];
  if (!pattern.startsWith(S3)) return [];
  const rest = pattern.slice(S3.length);
  const slash = rest.indexOf("/");
  const name = slash < 0 ? rest : rest.slice(0, slash);
  const crossing = [...name.matchAll(/\*+|\?/g)].map(({ index, 0: wildcard }): [string, string] => {
    const after = rest.slice(index + wildcard.length);
    return wildcard === "?" ? [rest.slice(0, index), after] : [rest.slice(0, index + wildcard.length), `*${after}`];
  });
  return slash < 0 ? crossing : [[shown(name), rest.slice(slash + 1)], ...crossing];
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
