import { CHANGE_KINDS, type ChangeKind } from "./change-kind";
import type { LayerReport } from "./report";
import type { LayerSummary, ResourceSummary, ServerSummary } from "./summary";

const IN_COUNTS: Readonly<Record<ChangeKind, string>> = {
  imported: "to import",
  added: "to add",
  changed: "to change",
  replaced: "to replace",
  moved: "to move",
  removed: "to destroy",
  forgotten: "to forget",
};
/** Kinds that are told also where there is none of them: readers look for these two zeros. */
const ALWAYS_COUNTED: ReadonlySet<ChangeKind> = new Set(["replaced", "removed"]);

/** One line: "2 to add, 1 to change, 0 to replace, 0 to destroy". */
export function countsLine({ counts }: LayerSummary): string {
  return CHANGE_KINDS.filter((kind) => counts[kind] > 0 || ALWAYS_COUNTED.has(kind))
    .map((kind) => `${counts[kind]} ${IN_COUNTS[kind]}`)
    .join(", ");
}

export function hasChanges(report: LayerReport): boolean {
  return report.status === "planned" && report.exitCode === 2;
}

/** The marks in words, "" where there are none. */
export function marksLine({ marks }: LayerSummary): string {
  const parts = [
    marks["widens-access"] > 0 && `${marks["widens-access"]} × WIDENS ACCESS`,
    marks["stateful-resource"] > 0 && `${marks["stateful-resource"]} × LOSES DATA OR IDENTITY`,
  ];
  return parts.filter((part) => part !== false).join(", ");
}

/** What happens to a resource, in a few words: "changed: description, timeout (moved from …)". */
export function resourceWords({ kind, attributes, previousAddress, imported }: ResourceSummary): string {
  const verb = imported && kind !== "imported" ? `imported and ${kind}` : kind;
  const what = attributes.length > 0 ? `${verb}: ${attributes.join(", ")}` : verb;
  if (previousAddress === undefined) return what;
  return kind === "moved" ? `moved from ${previousAddress}` : `${what} (moved from ${previousAddress})`;
}

/** Servers that only move, with nothing to say of each: they are told in one line. */
export function splitMoved(servers: readonly ServerSummary[]): { moved: ServerSummary[]; others: ServerSummary[] } {
  const onlyMoved = (server: ServerSummary) => server.kind === "moved" && server.findings.length === 0;
  return { moved: servers.filter(onlyMoved), others: servers.filter((server) => !onlyMoved(server)) };
}

/** What happens to a server beside its access: whether it moves, and which attributes change. */
export function serverNotes({ kind, resources }: ServerSummary): string[] {
  const attributes = [...new Set(resources.flatMap((resource) => resource.attributes))].sort();
  const moved = resources.some(({ previousAddress }) => previousAddress !== undefined);
  return [
    ...(attributes.length > 0 ? [`attributes: ${attributes.join(", ")}`] : []),
    ...(moved && kind !== "moved" ? ["its resources move to new addresses, and stay what they are"] : []),
  ];
}
