import type { ResourceChange } from "./terraform-plan";

/** What a plan does with a resource, or with a server; the order is the order in which summaries count them. */
export const CHANGE_KINDS = ["imported", "added", "changed", "replaced", "moved", "removed", "forgotten"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What the plan does with a resource; undefined where it does nothing, or only reads. */
export function changeKind({ actions, previousAddress, address, imported }: ResourceChange): ChangeKind | undefined {
  if (actions.includes("create")) return actions.includes("delete") ? "replaced" : "added";
  if (actions.includes("delete")) return "removed";
  if (actions.includes("forget")) return "forgotten";
  if (actions.includes("update")) return "changed";
  if (imported) return "imported";
  return previousAddress !== undefined && previousAddress !== address ? "moved" : undefined;
}

/** One kind for several resources that belong together: what most needs a reader's eye. */
export function commonKind(kinds: readonly ChangeKind[]): ChangeKind | undefined {
  const [first] = kinds;
  if (kinds.every((kind) => kind === first)) return first;
  // A resource added to or removed from a server that stays is a change of that server.
  return kinds.includes("replaced") ? "replaced" : "changed";
}

/** The attributes whose values differ and are known, by name and never by value: values may be secrets. */
export function changedAttributes({ before, after, afterUnknown }: ResourceChange): string[] {
  if (before === null || after === null) return [];
  const unknown = afterUnknown as Readonly<Record<string, unknown>> | null;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !deepEqual(before[name] ?? null, after[name] ?? null) && unknown?.[name] !== true,
  );
  // tags_all repeats tags together with the provider's default tags.
  return names.filter((name) => name !== "tags_all" || !names.includes("tags")).sort();
}

export function deepEqual(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) =>
      inner !== null && typeof inner === "object" && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    ) ?? ""
  );
}
