import { reachOf } from "../../../../audit/reach/reach";
import { Deployment } from "../../../../audit/stacks/deployment";
import { parsePolicy, type Statement } from "../../../../audit/stacks/policies";
import type { Principal } from "../../../../audit/stacks/roles";

export const answers = (principals: readonly Principal[], deployment = NO_STACKS) =>
  reachOf(principals, deployment, []);
export const NO_STACKS = new Deployment(new Map());
/** The ARN of the bucket that policies are about. */
export const B = "arn:aws:s3:::b";

export const allow = (
  Action: string | string[],
  Resource: string | string[],
  Condition?: Statement["Condition"],
): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
});
export const deny = (Action: string, Resource: string): Statement => ({ Effect: "Deny", Action, Resource });

export function policyOf(...Statement: Statement[]) {
  return parsePolicy("policy", JSON.stringify({ Version: "2012-10-17", Statement }));
}

export function principal(name: string, ...statements: Statement[]): Principal {
  const arn = `arn:aws:sts::000000000000:assumed-role/${name}/session`;
  return { kind: "role", name, arn, policies: [policyOf(...statements)], context: {} };
}
