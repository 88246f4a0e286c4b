export interface DeploymentState {
  /** What Terraform is at; each is reached once, in this order. */
  readonly step: "synthesising" | "initialising Terraform" | "planning" | "applying" | "reading the outputs";
  /** How far it is within the step, to be put behind it. */
  readonly detail: string;
}

/** How far a deployment is, read from what cdktf and Terraform have said so far. */
export function deploymentState(output: string): DeploymentState {
  if (output.includes("Apply complete!")) return { step: "reading the outputs", detail: "" };
  const plan = /Plan: (?:\d+ to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy/.exec(output);
  if (plan !== null) {
    const total = plan.slice(1).reduce((sum, count) => sum + Number(count), 0);
    const done = output.match(/: (?:Creation|Modifications|Destruction) complete after/g)?.length ?? 0;
    return { step: "applying", detail: `, ${done} of ${total} resources done` };
  }
  if (output.includes("successfully initialized")) return { step: "planning", detail: "" };
  if (output.includes("Initializing")) return { step: "initialising Terraform", detail: "" };
  return { step: "synthesising", detail: "" };
}
