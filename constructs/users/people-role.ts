import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { functionStatements, IDENTITY, rowStatements, s3Statements } from "../../access/people";
import { type PolicyDocument, type PolicyStatement, policyDocument, policyJson } from "../../access/policy";
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
    const statements = {
      s3: access.flatMap(({ s3 }) => (s3 ? s3Statements({ ...s3, prefix: literal(s3.prefix) }, identity) : [])),
      dynamodb: access.flatMap(({ dynamodb }) => (dynamodb ? rowStatements(dynamodb, account, identity) : [])),
      lambda: functionStatements([...new Set(access.flatMap(({ lambda }) => lambda))].sort(), account),
    };
    for (const [service, of] of Object.entries(statements)) {
      if (of.length > 0) this.policy(role, `${service}_${props.policyAddress}`, `${service}-access`, documentOf(of));
    }
    if (props.policyJson !== undefined) {
      this.policy(role, `custom_${props.policyAddress}`, "custom-access", literal(props.policyJson));
    }
  }

  private policy(role: string, address: string, name: string, policy: string): void {
    new IamRolePolicy(this, `aws_iam_role_policy.${address}`, { name, role: reference(role, "name"), policy });
  }
}

/** What everybody and a group are granted alike is in it once. */
function documentOf(statements: readonly PolicyStatement[]): string {
  const distinct = new Map(statements.map((statement) => [JSON.stringify(statement), statement]));
  return policyJson(policyDocument(...distinct.values()));
}
