import {
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import type { Cloud } from "../../../sandbox/cloud/cloud";

/** Everything that identifies servers, read from AWS itself rather than from any state. */
export async function identityOf(cloud: Cloud, userPoolId: string, table: string, rolePrefix: string) {
  const cognito = new CognitoIdentityProviderClient(cloud.clientConfig);
  const { UserPoolClients = [] } = await cognito.send(
    new ListUserPoolClientsCommand({ UserPoolId: userPoolId, MaxResults: 60 }),
  );
  const clients = await Promise.all(
    UserPoolClients.map(async ({ ClientId }) => {
      const found = await cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId }));
      const { ClientName, ClientSecret } = found.UserPoolClient ?? {};
      return { name: ClientName, id: ClientId, secret: ClientSecret };
    }),
  );
  const iam = new IAMClient(cloud.clientConfig);
  const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
  const roles = await Promise.all(
    Roles.filter(({ RoleName = "" }) => RoleName.startsWith(rolePrefix)).map(async ({ RoleName }) => {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
      return { arn: Role?.Arn, id: Role?.RoleId };
    }),
  );
  const { Items = [] } = await new DynamoDBClient(cloud.clientConfig).send(new ScanCommand({ TableName: table }));
  const inOrder = <T>(values: T[]) => values.map((value) => JSON.stringify(value)).sort();
  return { clients: inOrder(clients), roles: inOrder(roles), items: inOrder(Items) };
}
