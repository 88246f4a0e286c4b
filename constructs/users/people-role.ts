import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { IDENTITY, peoplePolicies } from "../../access/people";
import { type PolicyDocument, policyJson } from "../../access/policy";
import type { PeopleAccessConfig, UsersConfig } from "../../config/schema/users-types";
import { literal, reference } from "../terraform-text";

export interface PeopleRoleProps {
  readonly config: UsersConfig;
  /** The end of its address, and of those of its policies. */
  readonly address: string;
  readonly policyAddress: string;
  readonly name: string;
  readonly description: string;
  readonly trust: PolicyDocument;
  readonly accountId: string;
  /** Everything of all of these is granted. */
  readonly access: readonly PeopleAccessConfig[];
  /** A policy that users wrote themselves. */
  readonly policyJson?: string | undefined;
  readonly maxSessionSeconds: number;
}

/** A role of people, with a policy for each service that it reaches. */
export class PeopleRole extends Construct {
  readonly arn: string;

  constructor(scope: Construct, id: string, props: PeopleRoleProps) {
    super(scope, id);
    const { config, address, access, accountId } = props;
    const { permissionsBoundary, iamPath } = config;
    const role = `aws_iam_role.${address}`;
    this.arn = reference(role, "arn");
    new IamRole(this, role, {
      name: props.name,
      description: props.description,
      assumeRolePolicy: policyJson(props.trust),
      maxSessionDuration: props.maxSessionSeconds,
      ...(iamPath === undefined ? {} : { path: iamPath }),
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
    });
    const identity = literal(IDENTITY);
    const account = { region: config.awsRegion, id: accountId };
    const escaped = access.map(({ s3, ...others }) => ({
      ...others,
      s3: s3 && { ...s3, prefix: literal(s3.prefix) },
    }));
    for (const [service, policy] of Object.entries(peoplePolicies(escaped, account, identity)))
      this.policy(role, `${service}_${props.policyAddress}`, `${service}-access`, policy);
    if (props.policyJson !== undefined) {
      this.policy(role, `custom_${props.policyAddress}`, "custom-access", literal(props.policyJson));
    }
  }

  private policy(role: string, address: string, name: string, policy: string): void {
    new IamRolePolicy(this, `aws_iam_role_policy.${address}`, { name, role: reference(role, "name"), policy });
  }
}
