import { type Finding, type LayerReport, type PlanReport, resourceWords, serverNotes, summaryWords } from "./report";
import type { ChangeKind } from "./terraform-plan";

const SIGNS: Readonly<Record<ChangeKind, string>> = {
  imported: "<",
  added: "+",
  changed: "~",
  replaced: "±",
  moved: ">",
  removed: "-",
  forgotten: ".",
};
const MARKS = { "widens-access": "WIDENS ACCESS: ", "stateful-resource": "LOSES DATA OR IDENTITY: " } as const;

/** The report for a terminal: the summaries of all layers, then Terraform's own plans. */
export function asText(report: PlanReport): string {
  const plans = report.layers.flatMap((layer) =>
    layer.status === "planned" && layer.exitCode === 2
      ? [`── Terraform's plan for ${stackName(report, layer)} ──`, "", layer.terraform.trim(), ""]
      : [],
  );
  return [
    ...report.notes.flatMap((note) => [`Note: ${note}`, ""]),
    ...report.layers.flatMap((layer) => [...layerLines(report, layer), ""]),
    ...plans,
  ].join("\n");
}

function stackName({ environment }: PlanReport, { layer }: LayerReport): string {
  return `${layer}-${environment}`;
}

function layerLines(report: PlanReport, layer: LayerReport): string[] {
  const title = stackName(report, layer);
  if (layer.status !== "planned") {
    return [`${title}: ${layer.status === "failed" ? "the plan failed" : "not planned"}`, ...indented(layer.reason)];
  }
  if (layer.exitCode === 0) return [`${title}: no changes`];
  const { summary } = layer;
  const { counts, marks, moved, others } = summaryWords(summary);
  return [
    `${title}: ${counts}${marks && ` (${marks})`}`,
    ...others.flatMap((server) => [
      `  ${SIGNS[server.kind]} ${server.name}: ${server.kind}`,
      ...findingLines(server.findings),
      ...serverNotes(server).map((note) => `      ${note}`),
    ]),
    ...(moved.length > 0 ? [`  > moved, otherwise unchanged: ${moved.map(({ name }) => name).join(", ")}`] : []),
    ...summary.shared.flatMap((resource) => [
      `  ${SIGNS[resource.kind]} ${resource.address}: ${resourceWords(resource)}`,
      ...findingLines(resource.findings),
    ]),
    ...(summary.outputs.length > 0 ? [`  outputs that change: ${summary.outputs.join(", ")}`] : []),
  ];
}

function findingLines(findings: readonly Finding[]): string[] {
  return findings.map(({ text, mark }) => (mark === undefined ? `      ${text}` : `    ! ${MARKS[mark]}${text}`));
}

function indented(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => `  ${line}`);
}
