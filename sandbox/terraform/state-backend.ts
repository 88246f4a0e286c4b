import {
  CreateTableCommand,
  type DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  PutBucketVersioningCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { EnvironmentConfig } from "../../config/schema/types";

/** Creates the buckets and lock tables that the environment's backend files name; Terraform does not create them. */
export async function createStateBackends(
  environment: EnvironmentConfig,
  clients: { readonly s3: S3Client; readonly dynamodb: DynamoDBClient },
): Promise<void> {
  const backends = Object.values(environment.backends);
  for (const bucket of new Set(backends.map((backend) => backend.bucket))) await createBucket(clients.s3, bucket);
  const tables = backends.flatMap(({ dynamodb_table: table }) => (typeof table === "string" && table ? [table] : []));
  for (const table of new Set(tables)) await createLockTable(clients.dynamodb, table);
}

async function createBucket(s3: S3Client, Bucket: string): Promise<void> {
  const region = await s3.config.region();
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket,
        // us-east-1 is S3's default location, and S3 refuses it as an explicit one.
        ...(region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-1" } }),
      }),
    );
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  }
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
}

async function createLockTable(client: DynamoDBClient, TableName: string): Promise<void> {
  try {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: "PAY_PER_REQUEST",
        // https://developer.hashicorp.com/terraform/language/backend/s3#dynamodb-state-locking
        AttributeDefinitions: [{ AttributeName: "LockID", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "LockID", KeyType: "HASH" }],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName });
}
