import { type Finding, type LayerReport, type PlanReport, resourceWords, serverNotes, summaryWords } from "./report";

/** GitHub's longest comment is 65,536 characters: a plan is cut so that two layers fit into one. */
const MAX_PLAN_CHARACTERS = 28_000;

const MARKS = {
  "widens-access": "⚠️ **widens access:** ",
  "stateful-resource": "🛑 **loses data or identity:** ",
} as const;

/** The report as a comment on a pull request, with Terraform's own plans folded away. */
export function asMarkdown(report: PlanReport): string {
  const notes = report.notes.map((note) => `> **Note** ${escaped(note)}\n`);
  return [...notes, ...report.layers.map((layer) => layerMarkdown(report, layer))].join("\n");
}

function layerMarkdown({ environment }: PlanReport, layer: LayerReport): string {
  const title = `### \`${layer.layer}-${environment}\``;
  if (layer.status !== "planned") {
    const what = layer.status === "failed" ? "the plan failed" : "not planned";
    return `${title}: ${what}\n\n${fenced(layer.reason, "text")}\n`;
  }
  if (layer.exitCode === 0) return `${title}: no changes\n`;
  const { summary } = layer;
  const { counts, marks, moved, others } = summaryWords(summary);
  const lines = [
    `${title}: ${counts}`,
    "",
    ...(marks ? [`**${marks}**`, ""] : []),
    ...others.flatMap((server) => [
      `- **${escaped(server.name)}** ${server.kind}`,
      ...findingLines(server.findings),
      ...serverNotes(server).map((note) => `  - ${escaped(note)}`),
    ]),
    ...(moved.length > 0
      ? [`- moved, otherwise unchanged: ${moved.map(({ name }) => `**${escaped(name)}**`).join(", ")}`]
      : []),
    ...summary.shared.flatMap((resource) => [
      `- \`${resource.address}\` ${escaped(resourceWords(resource))}`,
      ...findingLines(resource.findings),
    ]),
    ...(summary.outputs.length > 0
      ? [`- outputs that change: ${summary.outputs.map((name) => `\`${name}\``).join(", ")}`]
      : []),
    "",
    "<details><summary>Terraform's plan</summary>",
    "",
    fenced(cut(layer.terraform), "hcl"),
    "",
    "</details>",
    "",
  ];
  return lines.join("\n");
}

function findingLines(findings: readonly Finding[]): string[] {
  return findings.map(({ text, mark }) => `  - ${mark === undefined ? "" : MARKS[mark]}${escaped(text)}`);
}

/** Names and prefixes are free text: as Markdown some would vanish, or become links and mentions. */
function escaped(text: string): string {
  return text.replace(/[\\`*_~[\]<>|#&]/g, "\\$&").replaceAll("@", "@\u200b");
}

function cut(plan: string): string {
  const text = plan.trim();
  if (text.length <= MAX_PLAN_CHARACTERS) return text;
  return `${text.slice(0, MAX_PLAN_CHARACTERS)}\n… cut here: the whole plan has ${text.length} characters`;
}

/** A fence longer than any in the text, so that no content can end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text.trim()}\n${fence}`;
}
