import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { tableArn } from "../access/arn";
import type { FoundationConfig } from "../config/schema/types";
import { protection } from "./protection";

/** The attribute that an item of the table is found by. */
export const CLIENT_ROLES_KEY = "client_id";

export interface ClientRolesTableProps {
  readonly config: FoundationConfig;
  readonly accountId: string;
}

/** The table that says which role an app client may have, and under which prefix; the servers layer fills it. */
export class ClientRolesTable extends Construct {
  readonly name: string;
  /** Put together from its parts, so that the first plan can show it and the policy that it is in. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { config, accountId }: ClientRolesTableProps) {
    super(scope, id);
    const name = `${config.projectName}-${config.environment}-client-roles`;
    const table = new DynamodbTable(this, "aws_dynamodb_table.client_roles", {
      name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: CLIENT_ROLES_KEY,
      attribute: [{ name: CLIENT_ROLES_KEY, type: "S" }],
      pointInTimeRecovery: { enabled: config.pointInTimeRecovery },
      deletionProtectionEnabled: config.deletionProtection,
      ...protection(config.deletionProtection),
    });
    this.name = table.name;
    this.arn = tableArn(config.awsRegion, accountId, name);
  }
}
