import {
  CreateTableCommand,
  DescribeTableCommand,
  type DynamoDBClient,
  ResourceNotFoundException,
  type TableDescription,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import type { Outcome } from "./state-resources";

/** The key of Terraform's locks: https://developer.hashicorp.com/terraform/language/backend/s3#dynamodb-state-locking */
const KEY = "LockID";

/** Makes the lock table where there is none; one that exists is checked and never changed. */
export async function ensureLockTable(dynamodb: DynamoDBClient, name: string, dryRun: boolean): Promise<Outcome> {
  const traits = ["on demand"];
  const table = await describe(dynamodb, name);
  if (table !== undefined) return { action: "exists", traits: [], deviations: tableDeviations(table) };
  if (dryRun) return { action: "would-make", traits, deviations: [] };
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: KEY, AttributeType: "S" }],
      KeySchema: [{ AttributeName: KEY, KeyType: "HASH" }],
      Tags: [{ Key: "Purpose", Value: "Terraform state" }],
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 120 }, { TableName: name });
  return { action: "made", traits, deviations: [] };
}

async function describe(dynamodb: DynamoDBClient, name: string): Promise<TableDescription | undefined> {
  try {
    return (await dynamodb.send(new DescribeTableCommand({ TableName: name }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function tableDeviations({ KeySchema = [], AttributeDefinitions = [] }: TableDescription) {
  const hash = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  const type = AttributeDefinitions.find(({ AttributeName }) => AttributeName === KEY)?.AttributeType;
  if (hash === KEY && type === "S" && KeySchema.length === 1) return [];
  return [
    {
      text: `is not a lock table: its key is not ${KEY} (S) alone, and Terraform's locks would be refused`,
      remedy: "name another table in the backend file",
    },
  ];
}
