import { parseTerraformPlan, TerraformPlanError } from "../../plan/terraform-plan";

it("text that is not a plan is refused, and not quoted, since it may hold secrets", () => {
  for (const text of ["secret=hunter2", '{"format_version":"2.0","x":"hunter2"}', '{"resource_changes":["hunter2"]}']) {
    const parse = () => parseTerraformPlan(text);
    expect(parse).toThrow(TerraformPlanError);
    expect(parse).not.toThrow(/hunter2/);
  }
});

it("an empty plan of an empty state is read", () => {
  expect(parseTerraformPlan('{"format_version":"1.2"}')).toEqual({
    resourceChanges: [],
    outputChanges: [],
    deployedOutputs: [],
    references: {},
  });
});
