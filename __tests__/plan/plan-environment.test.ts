import { LAYERS, type Layer } from "../../layers";
import { orderNote, type PlannedLayer, planEnvironment } from "../../plan/plan-environment";
import { summarise } from "../../plan/summary";
import { change, plan, TRUST } from "./plan-json";

const OUTPUTS = [
  "bucket_arn",
  "client_roles_table_name",
  "cognito_user_pool_id",
  "credential_vending_lambda_role_arn",
  "resource_server_identifier",
];

const REQUIRED = LAYERS.filter(({ optional }) => !optional);

async function planned(outputs: string[], layers: readonly Layer[] = REQUIRED) {
  const asked: string[] = [];
  const report = await planEnvironment({
    environment: "dev",
    layers,
    output: "out",
    plan: async (layer, folder): Promise<PlannedLayer> => {
      asked.push(folder);
      const state = { values: { outputs: Object.fromEntries(outputs.map((name) => [name, { value: "x" }])) } };
      const terraformPlan = plan([], { prior_state: state });
      const summary = summarise(terraformPlan);
      return {
        plan: terraformPlan,
        report: { layer: layer.name, status: "planned", exitCode: 0, summary, terraform: "" },
      };
    },
  });
  return { report, asked };
}

it("both layers are planned in their folders, the foundation first", async () => {
  const { report, asked } = await planned(OUTPUTS);
  expect(asked).toEqual(["out/stacks/foundation-dev", "out/stacks/servers-dev"]);
  expect(report.layers.map(({ status }) => status)).toEqual(["planned", "planned"]);
});

it("without a deployed foundation the servers are not planned, and the report says what to do", async () => {
  const { report, asked } = await planned([]);
  expect(asked).toEqual(["out/stacks/foundation-dev"]);
  expect(report.layers[1]).toMatchObject({ status: "not-yet", exitCode: 2 });
  expect(JSON.stringify(report.layers[1])).toContain("npx cdktf deploy foundation-dev");
});

it("a partly deployed foundation is distinguished from a missing one", async () => {
  const { report } = await planned(OUTPUTS.slice(1));
  expect(JSON.stringify(report.layers[1])).toContain("only partly deployed: its state has no output bucket_arn");
});

describe("the order of deployment", () => {
  const lambda = change("aws_lambda_function.f", { runtime: "python3.12" }, { runtime: "nodejs22.x" });
  const role = (after: string) =>
    plan([change("aws_iam_role.server_a", { assume_role_policy: TRUST }, { assume_role_policy: after })]);
  const tagging = TRUST.replace('"sts:AssumeRole"', '["sts:AssumeRole","sts:TagSession"]');

  it("is reported where the servers' current roles would refuse a new function", () => {
    expect(orderNote("prod", plan([lambda]), role(tagging))).toMatch(/^Deploy servers-prod first/);
  });

  it("is not mentioned otherwise", () => {
    expect(orderNote("prod", plan([]), role(tagging))).toBeUndefined();
    expect(orderNote("prod", plan([lambda]), role(TRUST))).toBeUndefined();
    expect(orderNote("prod", plan([lambda]), plan([]))).toBeUndefined();
  });
});

it("one layer alone is planned alone", async () => {
  const { asked } = await planned(
    [],
    LAYERS.filter(({ name }) => name === "servers"),
  );
  expect(asked).toEqual(["out/stacks/servers-dev"]);
});
