import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { UsersConfig } from "../../config/schema/users-types";
import type { ClientConfig } from "../process/administrator";

/** What the partition key of a table of the sandbox's is called. */
export const PARTITION_KEY = "id";

/** Makes the tables that `users.tfvars` grants rows of: the layer makes none, and a team has them already. */
export async function makePeopleTables(users: UsersConfig, clientConfig: ClientConfig): Promise<void> {
  const accesses = [users.access, ...users.groups.map(({ access }) => access)];
  const tables = new Set(accesses.flatMap(({ dynamodb }) => (dynamodb === undefined ? [] : [dynamodb.table])));
  const client = new DynamoDBClient(clientConfig);
  for (const TableName of tables) {
    try {
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: PARTITION_KEY, AttributeType: "S" }],
          KeySchema: [{ AttributeName: PARTITION_KEY, KeyType: "HASH" }],
        }),
      );
    } catch (error) {
      // A second deployment, or a table of another layer.
      if (!(error instanceof ResourceInUseException)) throw error;
    }
    await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName });
  }
  client.destroy();
}
