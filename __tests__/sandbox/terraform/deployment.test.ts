import { deploymentState } from "../../../sandbox/terraform/deployment";

describe("how far a deployment is", () => {
  it.each([
    ["", "starting cdktf", ""],
    ["Initializing the backend...", "initialising Terraform", ""],
    ["Initializing\nTerraform has been successfully initialized!", "planning", ""],
    ["successfully initialized\nPlan: 3 to add, 1 to change, 1 to destroy.", "applying", ", 0 of 5 resources done"],
    [
      "Plan: 2 to add, 0 to change, 0 to destroy.\na.b: Creating...\na.b: Creation complete after 0s",
      "applying",
      ", 1 of 2 resources done",
    ],
    ["Plan: 1 to add, 0 to change, 0 to destroy.\nApply complete! Resources: 1 added", "reading the outputs", ""],
  ])("%j", (output, step, detail) => expect(deploymentState(output)).toEqual({ step, detail }));
});
