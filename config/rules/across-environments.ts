import { basename, join } from "node:path";
import type { BucketPrefix } from "../layer";
import type { Fault, KeyPath } from "../source/fault";
import { faultAt, type SourceFile } from "../source/source-file";
import type { CheckedBackend } from "./backend";
import { SHARE_REMEDY } from "./server-prefixes";

/** A backend file, with the environment that its faults belong to. */
export interface StateLocation {
  readonly environment: string;
  readonly checked: CheckedBackend;
}

/** Stacks that would write over each other's state, of one environment or of two: a fault for each of them. */
export function sharedStateFaults(locations: readonly StateLocation[]): Map<string, Fault[]> {
  const byPlace = new Map<string, StateLocation[]>();
  for (const location of locations) {
    const { bucket, key } = location.checked;
    if (bucket === undefined || key === undefined) continue;
    const place = JSON.stringify([bucket, key]);
    addTo(byPlace, place, location);
  }
  const faults = new Map<string, Fault[]>();
  for (const sharing of byPlace.values()) {
    if (sharing.length < 2) continue;
    for (const { environment, checked } of sharing) {
      const others = sharing.filter((other) => other.checked !== checked).map(nameOf);
      const fault = faultAt(
        checked.source,
        ["key"],
        {
          message: `is the place of another stack's state too, in bucket "${checked.bucket}": ${others.join(", ")}`,
          remedy: "give each stack a key of its own, or they destroy each other's resources",
        },
        checked.key,
      );
      addTo(faults, environment, fault);
    }
  }
  return faults;
}

function nameOf({ environment, checked }: StateLocation): string {
  return join(environment, basename(checked.source.file));
}

/** An IAM role that an environment has, with the key that its name comes from. */
export interface NamedRole {
  readonly environment: string;
  /** Of the foundation's state: environments that share it are taken for environments of one account. */
  readonly stateBucket: string;
  readonly name: string;
  readonly source: SourceFile;
  readonly path: KeyPath;
}

/** Roles of two environments that would be one in AWS, where names count for the whole account: a fault for each. */
export function sharedRoleFaults(roles: readonly NamedRole[]): Map<string, Fault[]> {
  const byName = new Map<string, NamedRole[]>();
  for (const role of roles) {
    // IAM does not tell capitals from small letters.
    const name = JSON.stringify([role.stateBucket, role.name.toLowerCase()]);
    addTo(byName, name, role);
  }
  const faults = new Map<string, Fault[]>();
  for (const same of byName.values()) {
    for (const { environment, source, path, name } of same) {
      const others = new Set(same.map((role) => role.environment).filter((other) => other !== environment));
      if (others.size === 0) continue;
      const fault = faultAt(source, path, {
        message: `gives the IAM role "${name}", as another environment does: ${[...others].join(", ")}`,
        remedy: "rename the server, the project or the environment, or the two take each other's role away",
      });
      addTo(faults, environment, fault);
    }
  }
  return faults;
}

/** The prefix of a Cognito domain that an environment has, with the key that it comes from. */
export interface PlacedDomain {
  readonly environment: string;
  readonly name: string;
  readonly region: string;
  readonly source: SourceFile;
  readonly path: KeyPath;
}

/** Domains of two environments that Cognito would not tell apart: a fault for each. Whatever the account, a region has a prefix once. */
export function sharedDomainFaults(domains: readonly PlacedDomain[]): Map<string, Fault[]> {
  const byName = new Map<string, PlacedDomain[]>();
  for (const domain of domains) addTo(byName, JSON.stringify([domain.region, domain.name]), domain);
  const faults = new Map<string, Fault[]>();
  for (const same of byName.values()) {
    for (const { environment, source, path, name } of same) {
      const others = same.map((domain) => domain.environment).filter((other) => other !== environment);
      if (others.length === 0) continue;
      const fault = faultAt(source, path, {
        message: `gives the Cognito domain "${name}", as another environment of the region does: ${others.join(", ")}`,
        remedy: "change it in one of them: a region has each only once",
      });
      addTo(faults, environment, fault);
    }
  }
  return faults;
}

/** A prefix, right by itself, in its bucket, made in its environment or not. */
export interface PlacedPrefix extends BucketPrefix {
  readonly environment: string;
  readonly layer: string;
  readonly source: SourceFile;
}

/** Prefixes of one origin have been judged with each other already, as those of one environment's servers have. */
function originOf({ environment, layer, owner, path }: PlacedPrefix): string {
  return JSON.stringify([environment, layer, ...(owner === undefined ? [] : path)]);
}

/** Sharing is meant where both say so; and what is each identity's own is nobody else's of those. */
function mayOverlap(a: BucketPrefix, b: BucketPrefix): boolean {
  return (a.shared && b.shared) || (a.perIdentity === true && b.perIdentity === true);
}

const SHARE_WITH_PEOPLE_REMEDY = "give each a folder of its own, or set shared_prefix = true in both";

/**
 * Servers of two environments, people, and servers and people, that reach into each other's prefix of one bucket, unless
 * both say that they share it: a fault for each, so that no environment of the two is deployed unwarned. S3's names are global: whatever account
 * an environment is in, an equal name is the same bucket.
 */
export function sharedPrefixFaults(prefixes: readonly PlacedPrefix[]): Map<string, Fault[]> {
  const byFolder = new Map<string, { readonly at: Representatives; readonly below: Representatives }>();
  const folder = (bucket: string, prefix: string) => {
    const place = JSON.stringify([bucket, prefix]);
    const known = byFolder.get(place) ?? { at: new Representatives(), below: new Representatives() };
    byFolder.set(place, known);
    return known;
  };
  for (const server of prefixes) {
    folder(server.bucket, server.prefix).at.add(server);
    for (const above of foldersAbove(server.prefix)) folder(server.bucket, above).below.add(server);
  }
  const faults = new Map<string, Fault[]>();
  for (const server of prefixes) {
    const { bucket, environment, prefix, source, path } = server;
    const own = folder(bucket, prefix);
    const found =
      own.at.conflict(server) ??
      foldersAbove(prefix)
        .map((above) => folder(bucket, above).at.conflict(server))
        .find((other) => other !== undefined) ??
      own.below.conflict(server);
    if (found === undefined) continue;
    const { owner = `the server "${found.name}"` } = found;
    const where = found.environment === environment ? "this environment" : `the environment ${found.environment}`;
    const other = `${owner} of ${where}, in the same bucket "${bucket}"`;
    const message =
      found.prefix === prefix
        ? `is the prefix of ${other}, too`
        : prefix.startsWith(found.prefix)
          ? `lies under the prefix "${found.prefix}" of ${other}`
          : `holds the prefix "${found.prefix}" of ${other}`;
    const remedy = (server.owner ?? found.owner) === undefined ? SHARE_REMEDY : SHARE_WITH_PEOPLE_REMEDY;
    const fault = faultAt(source, path, { message, remedy }, prefix);
    addTo(faults, environment, fault);
  }
  return faults;
}

/**
 * Of the prefixes of one folder, as many as it takes to answer for every origin whether another one's is there: the
 * first of each of two origins, of each kind that may overlap with others. So thousands of servers cost no more than the
 * folders that they lie in.
 */
class Representatives {
  private readonly kept: PlacedPrefix[] = [];

  add(server: PlacedPrefix): void {
    const { shared, perIdentity } = server;
    const alike = this.kept.filter((other) => other.shared === shared && other.perIdentity === perIdentity);
    const origin = originOf(server);
    if (alike.length < 2 && alike.every((other) => originOf(other) !== origin)) this.kept.push(server);
  }

  conflict(server: PlacedPrefix): PlacedPrefix | undefined {
    const origin = originOf(server);
    return this.kept.find((other) => originOf(other) !== origin && !mayOverlap(server, other));
  }
}

/** `a/b/c/` → `a/b/`, `a/`: the nearest first. */
function foldersAbove(prefix: string): string[] {
  const folders: string[] = [];
  for (let end = prefix.lastIndexOf("/", prefix.length - 2); end >= 0; end = prefix.lastIndexOf("/", end - 1)) {
    folders.push(prefix.slice(0, end + 1));
    if (end === 0) break;
  }
  return folders;
}

function addTo<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
