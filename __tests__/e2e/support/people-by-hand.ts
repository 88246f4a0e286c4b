import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  CreateUserPoolDomainCommand,
  DescribeUserPoolClientCommand,
  SetUserPoolMfaConfigCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Cloud } from "../../../sandbox/cloud/cloud";
import { ADMINISTRATOR } from "../../../sandbox/process/administrator";

const PEOPLE = "admin@example.com";

/** A user pool, two app clients, groups, a user and an identity pool, as the console makes them. */
export async function makeByHand(cloud: Cloud) {
  const cognito = new CognitoIdentityProviderClient(cloud.clientConfig);
  const { UserPool } = await cognito.send(
    new CreateUserPoolCommand({
      PoolName: "MyApp-UserPool",
      UsernameAttributes: ["email"],
      AutoVerifiedAttributes: ["email"],
      Schema: [
        { Name: "email", Required: true, ...TEXT, Mutable: true },
        { Name: "given_name", Required: true, ...TEXT, Mutable: true },
        { Name: "tenant", ...TEXT, Mutable: true },
      ],
    }),
  );
  const UserPoolId = UserPool?.Id ?? "";
  await cognito.send(
    new SetUserPoolMfaConfigCommand({
      UserPoolId,
      MfaConfiguration: "OPTIONAL",
      SoftwareTokenMfaConfiguration: { Enabled: true },
    }),
  );
  await cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: "my-app-pages" }));
  await cognito.send(
    new CreateResourceServerCommand({
      UserPoolId,
      Identifier: "API",
      Name: "API",
      Scopes: [{ ScopeName: "get", ScopeDescription: "Read" }],
    }),
  );
  const client = async (input: Partial<ConstructorParameters<typeof CreateUserPoolClientCommand>[0]>) => {
    const { UserPoolClient } = await cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId, ClientName: "", ...input }),
    );
    return { id: UserPoolClient?.ClientId ?? "", secret: UserPoolClient?.ClientSecret };
  };
  const people = await client({
    ClientName: "MyApp-UserAuth",
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
  });
  const service = await client({
    ClientName: "MyApp-ClientCredentials",
    GenerateSecret: true,
    ExplicitAuthFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    AllowedOAuthFlows: ["client_credentials"],
    AllowedOAuthFlowsUserPoolClient: true,
    AllowedOAuthScopes: ["API/get"],
  });
  const groups = { admin: [1, "Administrator group with full access"], user: [10, "Standard user group"] } as const;
  for (const [GroupName, [Precedence, Description]] of Object.entries(groups))
    await cognito.send(new CreateGroupCommand({ UserPoolId, GroupName, Precedence, Description }));
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId,
      Username: PEOPLE,
      UserAttributes: [
        { Name: "email", Value: PEOPLE },
        { Name: "email_verified", Value: "true" },
        { Name: "given_name", Value: "Ada" },
      ],
    }),
  );
  const identityPool = await identityPoolByHand(cloud, UserPoolId, people.id);
  return {
    ids: { user_pool_id: UserPoolId, client_id: people.id, identity_pool_id: identityPool },
    service,
    /** The same client, as it is now. */
    serviceNow: async () => {
      const { UserPoolClient } = await cognito.send(
        new DescribeUserPoolClientCommand({ UserPoolId, ClientId: service.id }),
      );
      return { id: UserPoolClient?.ClientId, secret: UserPoolClient?.ClientSecret };
    },
    imports: imports({
      "aws_cognito_user_pool.users": UserPoolId,
      "aws_cognito_user_pool_domain.users": "my-app-pages",
      "aws_cognito_resource_server.api": `${UserPoolId}|API`,
      "aws_cognito_user_pool_client.cli": `${UserPoolId}/${people.id}`,
      "aws_cognito_user_group.admin": `${UserPoolId}/admin`,
      "aws_cognito_user_group.user": `${UserPoolId}/user`,
      "aws_cognito_user.admin_example_com": `${UserPoolId}/${PEOPLE}`,
      "aws_cognito_identity_pool.users": identityPool,
    }),
  };
}

const TEXT = {
  AttributeDataType: "String",
  StringAttributeConstraints: { MinLength: "0", MaxLength: "2048" },
} as const;

function imports(ids: Readonly<Record<string, string>>): string {
  return Object.entries(ids)
    .map(([to, id]) => `import {\n  to = ${to}\n  id = "${id}"\n}\n`)
    .join("\n");
}

/** With requests that are made here: the project has no use for this service's whole client. */
async function identityPoolByHand(cloud: Cloud, userPoolId: string, clientId: string): Promise<string> {
  const provider = `cognito-idp.eu-west-1.amazonaws.com/${userPoolId}`;
  const call = async (name: string, body: object) => {
    const credential = `${ADMINISTRATOR.accessKeyId}/20261126/eu-west-1/cognito-identity/aws4_request`;
    const response = await fetch(cloud.awsEndpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSCognitoIdentityService.${name}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const { IdentityPoolId = "" } = await call("CreateIdentityPool", {
    IdentityPoolName: "MyAppIdentityPool",
    AllowUnauthenticatedIdentities: false,
    CognitoIdentityProviders: [{ ProviderName: provider, ClientId: clientId, ServerSideTokenCheck: false }],
  });
  await call("SetIdentityPoolRoles", {
    IdentityPoolId,
    Roles: { authenticated: "arn:aws:iam::123456789012:role/Cognito_MyAppIdentityPoolAuth_Role" },
  });
  return IdentityPoolId;
}
