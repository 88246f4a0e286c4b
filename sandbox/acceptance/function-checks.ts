import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { clientTableName } from "../../access/names";
import type { Cloud } from "../cloud/cloud";
import { awsRefusal, type CheckRow, verdictOf } from "./checks";
import { OAuthError, requestCredentials } from "./token-checks";

/** What the vending function's role may and may not do, and that the API rejects a token that the pool did not sign. */
export async function functionRows(cloud: Cloud): Promise<CheckRow[]> {
  const { config, foundation, servers, clientConfig } = cloud;
  const [server = ""] = Object.keys(servers.server_configurations);
  const session = await new STSClient(clientConfig).send(
    new AssumeRoleCommand({ RoleArn: foundation.credential_vending_lambda_role_arn, RoleSessionName: "sandbox-check" }),
  );
  const credentials = {
    accessKeyId: session.Credentials?.AccessKeyId ?? "",
    secretAccessKey: session.Credentials?.SecretAccessKey ?? "",
    sessionToken: session.Credentials?.SessionToken ?? "",
  };
  const dynamodb = new DynamoDBClient({ ...clientConfig, credentials });
  const sts = new STSClient({ ...clientConfig, credentials });
  const roles = foundation.client_roles_table_name;
  const controls = clientTableName(config.foundation, "controls");
  const activity = clientTableName(config.foundation, "activity");
  const assume = (RoleArn: string | undefined) => () =>
    sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "sandbox-check" }));
  const key = { client_id: { S: "sandbox-check" } };
  const read = () =>
    dynamodb.send(new BatchGetItemCommand({ RequestItems: { [roles]: { Keys: [key] }, [controls]: { Keys: [key] } } }));
  const scan = () => dynamodb.send(new ScanCommand({ TableName: roles }));
  const enable = () => dynamodb.send(new PutItemCommand({ TableName: controls, Item: key }));
  // Unlike AWS, the emulator breaks at an update that says nothing of what to update.
  const note = () =>
    dynamodb.send(new UpdateItemCommand({ TableName: activity, Key: key, UpdateExpression: "REMOVE sandbox_check" }));

  const byPolicy = async (
    operation: string,
    where: string,
    expected: CheckRow["expected"],
    attempt: () => Promise<unknown>,
  ): Promise<CheckRow> => ({
    subject: "vending function",
    operation,
    where,
    expected,
    verdicts: [await verdictOf("policy evaluation", attempt, awsRefusal)],
  });
  return [
    await byPolicy("read items", `${roles}, ${controls}`, "allowed", read),
    await byPolicy("scan", roles, "refused", scan),
    await byPolicy("put item", controls, "refused", enable),
    await byPolicy("update item", activity, "allowed", note),
    ...(server === ""
      ? []
      : [
          await byPolicy("assume role", `of ${server}`, "allowed", assume(servers.server_role_arns[server])),
          await unsignedTokenRow(cloud, server),
        ]),
    await byPolicy("assume role", "its own", "refused", assume(foundation.credential_vending_lambda_role_arn)),
  ];
}

async function unsignedTokenRow(cloud: Cloud, server: string): Promise<CheckRow> {
  const { cognito_issuer_url: iss } = cloud.foundation;
  const settings = cloud.settingsOf(server);
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = { iss, client_id: settings.COGNITO_CLIENT_ID, token_use: "access", exp };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const token = `${part({ alg: "none" })}.${part(claims)}.`;
  const verdict = await verdictOf(
    "vending API",
    () => requestCredentials(settings, token, cloud.awsEndpoint),
    (error) => (error instanceof OAuthError && error.code === "invalid_token" ? "401 invalid_token" : undefined),
  );
  return {
    subject: "anyone",
    operation: "credentials",
    where: "for an unsigned token",
    expected: "refused",
    verdicts: [verdict],
  };
}
