import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { IAMClient } from "@aws-sdk/client-iam";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/aws-endpoint";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { rolePolicyReader } from "../../sandbox/aws/role-policies";
import { SigningKeys } from "../../sandbox/cognito/signing-key";
import { type Identity, mountIdentity } from "../../sandbox/identity/mounted-identity";
import { administratorConfig } from "../../sandbox/process/administrator";

const REGION = "eu-west-1";

let folder: string;
let emulator: Emulator;
let aws: AwsEndpoint;
let identity: Identity;
let cognito: CognitoIdentityProviderClient;
let poolId: string;
let clientId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-identity-"));
  emulator = await startEmulator({ folder });
  const readRolePolicies = rolePolicyReader(new IAMClient(administratorConfig(emulator.url, REGION)));
  aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region: REGION });
  const keys = new SigningKeys();
  identity = mountIdentity({ aws, emulatorUrl: emulator.url, region: REGION, readRolePolicies, keys, folder });
  cognito = new CognitoIdentityProviderClient(administratorConfig(aws.url, REGION));
  const pool = await cognito.send(new CreateUserPoolCommand({ PoolName: "people", UsernameAttributes: ["email"] }));
  poolId = pool.UserPool?.Id ?? "";
  const client = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: "cli",
      ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      PreventUserExistenceErrors: "ENABLED",
    }),
  );
  clientId = client.UserPoolClient?.ClientId ?? "";
});

afterAll(async () => {
  cognito?.destroy();
  await aws?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

const signIn = (USERNAME: string, PASSWORD: string) =>
  cognito.send(
    new InitiateAuthCommand({
      ClientId: clientId,
      AuthFlow: "USER_PASSWORD_AUTH",
      AuthParameters: { USERNAME, PASSWORD },
    }),
  );

it("somebody who is invited signs in, and the emulator's directory knows it", async () => {
  const Username = "ann@example.org";
  const UserAttributes = [
    { Name: "email", Value: Username },
    { Name: "email_verified", Value: "true" },
  ];
  await cognito.send(
    new AdminCreateUserCommand({ UserPoolId: poolId, Username, UserAttributes, DesiredDeliveryMediums: ["EMAIL"] }),
  );
  const outbox = join(folder, "outbox.jsonl");
  expect(statSync(outbox).mode & 0o777).toBe(0o600);
  const { to, secret } = JSON.parse(readFileSync(outbox, "utf8"));
  expect(to).toBe(Username);
  await expect(signIn(Username, "Wrong-horse-7")).rejects.toMatchObject({ name: "NotAuthorizedException" });
  const asked = await signIn("ANN@example.org", secret);
  expect(asked.ChallengeName).toBe("NEW_PASSWORD_REQUIRED");
  const answered = await cognito.send(
    new RespondToAuthChallengeCommand({
      ClientId: clientId,
      ChallengeName: "NEW_PASSWORD_REQUIRED",
      Session: asked.Session,
      ChallengeResponses: { USERNAME: Username, NEW_PASSWORD: "Correct-horse-7" },
    }),
  );
  const { AccessToken } = answered.AuthenticationResult ?? {};
  const known = await cognito.send(new AdminGetUserCommand({ UserPoolId: poolId, Username }));
  expect(known.UserStatus).toBe("CONFIRMED");
  const own = await cognito.send(new GetUserCommand({ AccessToken }));
  expect(own.Username).toBe(known.Username);
  const jwks = await (await fetch(`${aws.url}/${poolId}/.well-known/jwks.json`)).json();
  expect(jwks).toEqual(identity.people.keys.of(`https://cognito-idp.${REGION}.amazonaws.com/${poolId}`).jwks);
});

it("an administrator's call needs a signature", async () => {
  const answer = await fetch(aws.url, {
    method: "POST",
    headers: { "x-amz-target": "AWSCognitoIdentityProviderService.AdminCreateUser" },
    body: JSON.stringify({ UserPoolId: poolId, Username: "mallory@example.org" }),
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
});
