import { DescribeTableCommand, type DynamoDBClient, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import type { PartitionKeyOf } from "./table-request";

/** Looks up in the emulator what tables are partitioned by; a table never changes its key. */
export function partitionKeyReader(dynamodb: DynamoDBClient): PartitionKeyOf {
  const known = new Map<string, string>();
  return async (TableName, index) => {
    const place = `${TableName}/${index ?? ""}`;
    const found = known.get(place) ?? (await read(dynamodb, TableName, index));
    if (found !== undefined) known.set(place, found);
    return found;
  };
}

async function read(dynamodb: DynamoDBClient, TableName: string, index?: string): Promise<string | undefined> {
  try {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
    const indexes = [...(Table?.GlobalSecondaryIndexes ?? []), ...(Table?.LocalSecondaryIndexes ?? [])];
    const of = index === undefined ? Table : indexes.find(({ IndexName }) => IndexName === index);
    return of?.KeySchema?.find(({ KeyType }) => KeyType === "HASH")?.AttributeName;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
