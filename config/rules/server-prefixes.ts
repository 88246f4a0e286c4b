import { type PermissionLevel, scopesOf } from "../../access/permission-level";
import { MAX_SESSION_POLICY_CHARACTERS, policyJson, sessionPolicy } from "../../access/policy";
import { isUnderPrefix, prefixFaults } from "../../access/prefix";
import type { ServerPrefix } from "../layer";
import type { Problem } from "../source/fault";

/** What is wrong with a server's prefix by itself, the length of the session policy that it gives included. */
export function prefixProblems(
  prefix: string,
  level: PermissionLevel | undefined,
  bucketName: string | undefined,
): Problem[] {
  const problems = prefixFaults(prefix).map(({ fault, remedy }) => ({ message: fault, remedy }));
  if (problems.length > 0 || level === undefined || bucketName === undefined) return problems;
  const policy = sessionPolicy(`arn:aws:s3:::${bucketName}`, prefix, scopesOf(level));
  const { length } = policyJson(policy);
  if (length <= MAX_SESSION_POLICY_CHARACTERS) return [];
  return [
    {
      message: `gives a session policy of ${length} characters, and AWS allows ${MAX_SESSION_POLICY_CHARACTERS}`,
      remedy:
        "shorten the prefix; a character outside ASCII takes six there, and appears twice where listing is allowed",
    },
  ];
}

export const SHARE_REMEDY = "give each server a folder of its own, or set shared_prefix = true in both";

export interface PrefixOverlap {
  /** The server whose prefix lies under the other's, or is equal to it. */
  readonly inner: ServerPrefix;
  readonly outer: ServerPrefix;
}

/**
 * Servers that reach into each other's prefix, unless both say that they share it: one overlap for each inner server.
 * In sorted order everything under a prefix follows it at once, so that one pass with a stack of the prefixes that are
 * still open finds the overlaps of thousands of servers in the time that sorting takes.
 */
export function prefixOverlaps(servers: readonly ServerPrefix[]): PrefixOverlap[] {
  const sorted = [...servers].sort((a, b) => compare(a.prefix, b.prefix) || compare(a.name, b.name));
  const overlaps: PrefixOverlap[] = [];
  const open: ServerPrefix[] = [];
  const openUnshared: ServerPrefix[] = [];
  for (const inner of sorted) {
    closeUntilUnder(open, inner.prefix);
    closeUntilUnder(openUnshared, inner.prefix);
    const outer = (inner.shared ? openUnshared : open).at(-1);
    if (outer !== undefined) overlaps.push({ inner, outer });
    open.push(inner);
    if (!inner.shared) openUnshared.push(inner);
  }
  return overlaps;
}

function closeUntilUnder(open: ServerPrefix[], prefix: string): void {
  for (let last = open.at(-1); last !== undefined && !isUnderPrefix(last.prefix, prefix); last = open.at(-1))
    open.pop();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
