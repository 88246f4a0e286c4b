import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { tableArn } from "../access/arn";
import { type ClientTableKind, clientTableName } from "../access/names";
import type { FoundationConfig } from "../config/schema/types";
import { protection } from "./protection";

/** The attribute that an item of the tables is found by. */
export const CLIENT_TABLE_KEY = "client_id";

export interface ClientTableProps {
  readonly config: FoundationConfig;
  readonly accountId: string;
  readonly kind: ClientTableKind;
}

/**
 * A table with an item for each app client: which role it may have, which the servers layer writes; what operators have
 * decided about it, which Terraform must never touch; when it was last seen, which the vending Lambda writes.
 */
export class ClientTable extends Construct {
  readonly name: string;
  /** Put together from its parts, so that the first plan can show it and the policy that it is in. */
  readonly arn: string;

  constructor(scope: Construct, id: string, { config, accountId, kind }: ClientTableProps) {
    super(scope, id);
    const name = clientTableName(config, kind);
    const table = new DynamodbTable(this, `aws_dynamodb_table.client_${kind}`, {
      name,
      billingMode: "PAY_PER_REQUEST",
      hashKey: CLIENT_TABLE_KEY,
      attribute: [{ name: CLIENT_TABLE_KEY, type: "S" }],
      pointInTimeRecovery: { enabled: config.pointInTimeRecovery },
      deletionProtectionEnabled: config.deletionProtection,
      ...protection(config.deletionProtection),
    });
    this.name = table.name;
    this.arn = tableArn(config.awsRegion, accountId, name);
  }
}
