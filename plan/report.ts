import { CHANGE_KINDS, type ChangeKind } from "./terraform-plan";

/** Why a line of a summary is marked: somebody may do more than before, or data or an identity would be lost. */
export type Mark = "widens-access" | "stateful-resource";

/** One line of a summary. It never holds a value that Terraform marks as sensitive. */
export interface Finding {
  readonly text: string;
  readonly mark?: Mark;
}

export function widening(text: string, wider = true): Finding {
  return wider ? { text, mark: "widens-access" } : { text };
}

export interface ResourceSummary {
  readonly address: string;
  readonly previousAddress?: string;
  readonly kind: ChangeKind;
  /** Whether this plan takes it into the state without creating it. */
  readonly imported: boolean;
  /** The attributes that change, by name. */
  readonly attributes: readonly string[];
  readonly findings: readonly Finding[];
}

export interface ServerSummary {
  readonly name: string;
  readonly kind: ChangeKind;
  readonly findings: readonly Finding[];
  readonly resources: readonly ResourceSummary[];
}

/** One of a layer's subjects, where they are no servers: `noun` is the layer's own word for them. */
export interface SubjectSummary extends ServerSummary {
  readonly noun: string;
}

export interface LayerSummary {
  readonly counts: Readonly<Record<ChangeKind, number>>;
  readonly servers: readonly ServerSummary[];
  /** Missing where the layer has no subjects but servers. */
  readonly subjects?: readonly SubjectSummary[];
  /** Resources that belong to no single server or other subject. */
  readonly shared: readonly ResourceSummary[];
  /** The names of outputs whose values change. */
  readonly outputs: readonly string[];
  readonly marks: Readonly<Record<Mark, number>>;
}

/** The outcome of a layer's plan. `exitCode` is that of `terraform plan -detailed-exitcode`. */
export type LayerReport =
  | {
      readonly layer: string;
      readonly status: "planned";
      readonly exitCode: 0 | 2;
      readonly summary: LayerSummary;
      /** Terraform's own plan, as `terraform show` prints it; sensitive values are masked there. */
      readonly terraform: string;
    }
  | { readonly layer: string; readonly status: "failed"; readonly exitCode: 1; readonly reason: string }
  /** A layer that cannot be planned yet, which is not a failure. */
  | { readonly layer: string; readonly status: "not-yet"; readonly exitCode: 2; readonly reason: string };

export interface PlanReport {
  readonly environment: string;
  /** What to know before any of it is deployed. */
  readonly notes: readonly string[];
  readonly layers: readonly LayerReport[];
}

/** 1 where a layer failed, otherwise 2 where one has changes, otherwise 0: as `terraform plan -detailed-exitcode` exits. */
export function exitCodeOf({ layers }: PlanReport): 0 | 1 | 2 {
  const codes = layers.map(({ exitCode }) => exitCode);
  if (codes.includes(1)) return 1;
  return codes.includes(2) ? 2 : 0;
}

const IN_COUNTS: Readonly<Record<ChangeKind, string>> = {
  imported: "to import",
  added: "to add",
  changed: "to change",
  replaced: "to replace",
  moved: "to move",
  removed: "to destroy",
  forgotten: "to forget",
};
/** Kinds that are counted even when there are none: readers look for these two zeros. */
const ALWAYS_COUNTED: ReadonlySet<ChangeKind> = new Set(["replaced", "removed"]);

/** What both written forms say of a layer. Servers that only move, with nothing else to report, share one line. */
export function summaryWords(summary: LayerSummary) {
  const subjects = (summary.subjects ?? []).map((subject) => ({ ...subject, name: `${subject.noun} ${subject.name}` }));
  const all: readonly ServerSummary[] = [...summary.servers, ...subjects];
  const onlyMoved = (each: ServerSummary) => each.kind === "moved" && each.findings.length === 0;
  return {
    counts: countsLine(summary),
    marks: marksLine(summary),
    moved: all.filter(onlyMoved),
    others: all.filter((each) => !onlyMoved(each)),
  };
}

/** One line: "2 to add, 1 to change, 0 to replace, 0 to destroy". */
function countsLine({ counts }: LayerSummary): string {
  return CHANGE_KINDS.filter((kind) => counts[kind] > 0 || ALWAYS_COUNTED.has(kind))
    .map((kind) => `${counts[kind]} ${IN_COUNTS[kind]}`)
    .join(", ");
}

/** The marks in words; "" where there are none. */
function marksLine({ marks }: LayerSummary): string {
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

/** What happens to a server apart from its access: whether it moves, and which attributes change. */
export function serverNotes({ kind, resources }: ServerSummary): string[] {
  const attributes = [...new Set(resources.flatMap((resource) => resource.attributes))].sort();
  const moved = resources.some(({ previousAddress }) => previousAddress !== undefined);
  return [
    ...(attributes.length > 0 ? [`attributes: ${attributes.join(", ")}`] : []),
    ...(moved && kind !== "moved" ? ["its resources move to new addresses, and are otherwise unchanged"] : []),
  ];
}

/** The report for programs; `format_version` gets a new major number when a field is removed or changes its meaning. */
export function asJson(report: PlanReport): string {
  return `${JSON.stringify({ format_version: "1.0", exit_code: exitCodeOf(report), ...report }, null, 2)}\n`;
}
