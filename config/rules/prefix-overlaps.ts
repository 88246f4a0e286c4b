import { isUnderPrefix } from "../../access/prefix";

export interface ServerPrefix {
  readonly name: string;
  readonly prefix: string;
  /** Whether the server says `shared_prefix = true`. */
  readonly shared: boolean;
}

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
