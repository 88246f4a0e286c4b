import { asMarkdown } from "../../plan/markdown";
import { asJson, exitCodeOf, type LayerReport, type PlanReport } from "../../plan/report";
import { summarise } from "../../plan/summary";
import { asText } from "../../plan/text";
import { plan, SECRET, type Server, serverChanges } from "./plan-json";

const write: Server = { level: "write", prefix: "logs/" };
const servers = (changes: unknown[], terraform = "Terraform will perform …"): LayerReport => ({
  layer: "servers",
  status: "planned",
  exitCode: 2,
  summary: summarise(plan(changes)),
  terraform,
});
const foundation: LayerReport = {
  layer: "foundation",
  status: "planned",
  exitCode: 0,
  summary: summarise(plan([])),
  terraform: "No changes.",
};
const report = (...layers: LayerReport[]): PlanReport => ({ environment: "prod", notes: [], layers });
const widened = report(foundation, servers(serverChanges("log-shipper", write, { ...write, level: "read-write" })));

it("as text the summaries come before Terraform's plan, and unchanged layers take one line", () => {
  const text = asText(widened);
  expect(text).toContain("foundation-prod: no changes\n");
  expect(text).toContain("servers-prod: 3 to change, 0 to replace, 0 to destroy (1 × WIDENS ACCESS)");
  expect(text).toContain("! WIDENS ACCESS: may now also read logs/");
  expect(text.indexOf("may now also read")).toBeLessThan(text.indexOf("Terraform will perform"));
  expect(text).not.toContain("No changes.");
});

it("servers that only move take one line together", () => {
  const moved = ["a", "b"].flatMap((name) =>
    serverChanges(name, write, write).map((change) => ({ ...change, previous_address: "module.x" })),
  );
  expect(asText(report(servers(moved)))).toContain("> moved, otherwise unchanged: a, b\n");
});

it("as Markdown Terraform's plan is folded, and cannot end its fence", () => {
  const markdown = asMarkdown(report(servers(serverChanges("a", null, write), "x\n```\n# not a title")));
  expect(markdown).toContain("### `servers-prod`: 4 to add, 0 to replace, 0 to destroy");
  expect(markdown).toContain("⚠️ **widens access:** may write logs/");
  expect(markdown).toContain("````hcl\nx\n```\n# not a title\n````");
});

it("as Markdown names and prefixes are text, not Markdown", () => {
  const hostile = asMarkdown(
    report(servers(serverChanges("a", null, { level: "write", prefix: "<img src=x>/@team/_x_/" }))),
  );
  const visible = hostile.slice(0, hostile.indexOf("<details>"));
  expect(visible).not.toMatch(/(?<!\\)<img|@team|(?<!\\)_x_/);
});

it("a plan longer than a comment may be is cut, and says so", () => {
  const markdown = asMarkdown(report(servers(serverChanges("a", null, write), "x".repeat(200_000))));
  expect(markdown.length).toBeLessThan(32_000);
  expect(markdown).toContain("the whole plan has 200000 characters");
});

it("as JSON it can be read back", () => {
  const json = JSON.parse(asJson(widened));
  expect(json).toMatchObject({
    format_version: "1.0",
    exit_code: 2,
    environment: "prod",
    layers: [
      { layer: "foundation", status: "planned", exitCode: 0 },
      {
        layer: "servers",
        summary: {
          marks: { "widens-access": 1, "stateful-resource": 0 },
          servers: [{ name: "log-shipper", kind: "changed" }],
        },
      },
    ],
  });
});

it("notes come first", () => {
  const noted = { ...widened, notes: ["Deploy servers-prod first."] };
  expect(asText(noted)).toMatch(/^Note: Deploy servers-prod first\.\n/);
  expect(asMarkdown(noted)).toMatch(/^> \*\*Note\*\* Deploy servers-prod first\.\n/);
  expect(JSON.parse(asJson(noted)).notes).toEqual(noted.notes);
});

it("no form holds a secret", () => {
  for (const form of [asText, asMarkdown, asJson]) {
    for (const [before, after] of [
      [write, null],
      [null, write],
    ]) {
      expect(form(report(servers(serverChanges("a", before as Server, after as Server))))).not.toContain(SECRET);
    }
  }
});

describe("the exit code", () => {
  const failed: LayerReport = { layer: "servers", status: "failed", exitCode: 1, reason: "no credentials" };
  const notYet: LayerReport = { layer: "servers", status: "not-yet", exitCode: 2, reason: "deploy it" };
  it.each([
    [0, report(foundation)],
    [2, widened],
    [2, report(foundation, notYet)],
    [1, report({ ...foundation, exitCode: 2 }, failed)],
  ])("is %i as terraform plan -detailed-exitcode exits", (code, plans) => {
    expect(exitCodeOf(plans)).toBe(code);
  });

  it("reasons are reported", () => {
    for (const form of [asText, asMarkdown, asJson]) {
      expect(form(report(failed))).toContain("no credentials");
      expect(form(report(foundation, notYet))).toContain("deploy it");
    }
  });
});
