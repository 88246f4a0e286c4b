import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  GetCredentialsForIdentityCommand,
  GetIdCommand,
  GetOpenIdTokenCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RespondToAuthChallengeCommand,
  SetUserPoolMfaConfigCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { login } from "../../client/user/login";
import { newCredentials } from "../../client/user/session/credential-renewal";
import { loadUserSettings } from "../../client/user/settings/find-settings";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/aws-endpoint";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { rolePolicyReader } from "../../sandbox/aws/role-policies";
import { appClientsOf } from "../../sandbox/cognito/app-clients";
import { SigningKeys } from "../../sandbox/cognito/signing-key";
import { startTokenEndpoint } from "../../sandbox/cognito/token-endpoint";
import { type Identity, mountIdentity } from "../../sandbox/identity/mounted-identity";
import { peopleAtDomain } from "../../sandbox/identity/pages/people-at-domain";
import { totpCode } from "../../sandbox/identity/totp";
import { administratorConfig } from "../../sandbox/process/administrator";
import { serveOnLoopback } from "../../sandbox/process/loopback-server";
import { BROWSER, Browser } from "../support/browser";
import { isInstalled } from "../support/prerequisites";

const REGION = "eu-west-1";
const ROLE = "arn:aws:iam::123456789012:role/people";

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

describe("credentials of an identity pool", () => {
  const ISSUER = "cognito-identity.amazonaws.com";
  const tokens = new Map<string, string>();
  let federation: CognitoIdentityClient;
  let poolOfIdentities: string;
  let provider: string;
  let terminalId: string;

  beforeAll(async () => {
    federation = new CognitoIdentityClient(administratorConfig(aws.url, REGION));
    const terminal = await cognito.send(
      new CreateUserPoolClientCommand({
        UserPoolId: poolId,
        ClientName: "terminal",
        ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
        RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 10 },
      }),
    );
    terminalId = terminal.UserPoolClient?.ClientId ?? "";
    provider = `cognito-idp.${REGION}.amazonaws.com/${poolId}`;
    const { IdentityPoolId = "" } = await federation.send(
      new CreateIdentityPoolCommand({
        IdentityPoolName: "people",
        AllowUnauthenticatedIdentities: false,
        AllowClassicFlow: true,
        CognitoIdentityProviders: [clientId, terminalId].map((ClientId) => ({
          ProviderName: provider,
          ClientId,
          ServerSideTokenCheck: true,
        })),
      }),
    );
    poolOfIdentities = IdentityPoolId;
    const iam = new IAMClient(administratorConfig(aws.url, REGION));
    const trust = {
      Effect: "Allow",
      Principal: { Federated: ISSUER },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: {
        StringEquals: { [`${ISSUER}:aud`]: IdentityPoolId },
        "ForAnyValue:StringLike": { [`${ISSUER}:amr`]: "authenticated" },
      },
    };
    await iam.send(
      new CreateRoleCommand({
        RoleName: "people",
        MaxSessionDuration: 7200,
        AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
      }),
    );
    const own = `\${${ISSUER}:sub}`;
    const Statement = [
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: `arn:aws:s3:::people-files/users/${own}/*`,
      },
      {
        Effect: "Allow",
        Action: ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan"],
        Resource: "arn:aws:dynamodb:*:*:table/rows",
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [own] },
          Null: { "dynamodb:LeadingKeys": "false" },
        },
      },
    ];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName: "people", PolicyName: "own", PolicyDocument }));
    const Roles = { authenticated: ROLE };
    await federation.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles }));
    const administrator = administratorConfig(aws.url, REGION);
    await new S3Client({ ...administrator, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: "people-files" }),
    );
    await new DynamoDBClient(administrator).send(
      new CreateTableCommand({
        TableName: "rows",
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "owner", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "owner", AttributeType: "S" }],
      }),
    );
    for (const name of ["one@example.org", "two@example.org"]) {
      const Password = "Correct-horse-7";
      await cognito.send(new AdminCreateUserCommand({ UserPoolId: poolId, Username: name, MessageAction: "SUPPRESS" }));
      await cognito.send(
        new AdminSetUserPasswordCommand({ UserPoolId: poolId, Username: name, Password, Permanent: true }),
      );
      tokens.set(name, (await signIn(name, Password)).AuthenticationResult?.IdToken ?? "");
    }
  });

  async function identityOf(name: string) {
    const Logins = { [provider]: tokens.get(name) ?? "" };
    const { IdentityId = "" } = await federation.send(new GetIdCommand({ IdentityPoolId: poolOfIdentities, Logins }));
    return { IdentityId, Logins };
  }

  async function credentialsOf(name: string) {
    const identity = await identityOf(name);
    const { Credentials } = await federation.send(new GetCredentialsForIdentityCommand(identity));
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? "",
      secretAccessKey: Credentials?.SecretKey ?? "",
      sessionToken: Credentials?.SessionToken ?? "",
    };
    return { id: identity.IdentityId, config: { ...administratorConfig(aws.url, REGION), credentials } };
  }

  it("reach their own prefix and rows, and nobody else's", async () => {
    const [one, two] = [await credentialsOf("one@example.org"), await credentialsOf("two@example.org")];
    const s3 = new S3Client({ ...one.config, forcePathStyle: true });
    const put = (id: string) =>
      s3.send(new PutObjectCommand({ Bucket: "people-files", Key: `users/${id}/a b.txt`, Body: "text" }));
    await put(one.id);
    await expect(put(two.id)).rejects.toMatchObject({ name: "AccessDenied" });
    const dynamodb = new DynamoDBClient(one.config);
    const row = (id: string) => dynamodb.send(new PutItemCommand({ TableName: "rows", Item: { owner: { S: id } } }));
    await row(one.id);
    const denied = { name: "AccessDeniedException" };
    await expect(row(two.id)).rejects.toMatchObject(denied);
    const rowsOf = (id: string) =>
      dynamodb.send(
        new QueryCommand({
          TableName: "rows",
          KeyConditionExpression: "#o = :o",
          ExpressionAttributeNames: { "#o": "owner" },
          ExpressionAttributeValues: { ":o": { S: id } },
        }),
      );
    expect((await rowsOf(one.id)).Count).toBe(1);
    await expect(rowsOf(two.id)).rejects.toMatchObject(denied);
    await expect(dynamodb.send(new ScanCommand({ TableName: "rows" }))).rejects.toMatchObject(denied);
    const who = await new STSClient(one.config).send(new GetCallerIdentityCommand({}));
    expect(who.Arn).toMatch(/assumed-role\/people\/CognitoIdentityCredentials$/);
  });

  it("come of oidc-s3's own sign-in, with a new password and an authenticator app, until somebody is signed out", async () => {
    const Username = "kim@example.org";
    const UserAttributes = [{ Name: "email", Value: Username }];
    const DesiredDeliveryMediums = ["EMAIL" as const];
    await cognito.send(
      new AdminCreateUserCommand({ UserPoolId: poolId, Username, UserAttributes, DesiredDeliveryMediums }),
    );
    const config = join(folder, "home", ".config", "oidc-s3", "users");
    mkdirSync(config, { recursive: true, mode: 0o700 });
    const settingsFile = {
      ...{ region: REGION, user_pool_id: poolId, client_id: terminalId, identity_pool_id: poolOfIdentities },
      issuer: `https://${provider}`,
      endpoints: { cognito_idp: aws.url, cognito_identity: aws.url, sts: aws.url },
    };
    writeFileSync(join(config, "default.json"), JSON.stringify(settingsFile), { mode: 0o600 });
    const env = { HOME: join(folder, "home"), PATH: process.env.PATH };
    const said: string[] = [];
    let asked = 0;
    const hidden = [identity.outbox.messages(Username).at(-1)?.secret ?? "", "Correct-horse-7", "Correct-horse-7"];
    const prompt = {
      askHidden: async () => hidden[asked++] ?? "",
      ask: async () => {
        const secret = /type this there: (.*)$/m.exec(said.join("\n"))?.[1]?.replaceAll(" ", "") ?? "";
        return totpCode(secret, Date.now());
      },
      close: () => {},
    };
    const mfa = (MfaConfiguration: "ON" | "OFF") =>
      cognito.send(
        new SetUserPoolMfaConfigCommand({
          UserPoolId: poolId,
          MfaConfiguration,
          SoftwareTokenMfaConfiguration: { Enabled: true },
        }),
      );
    await mfa("ON");
    const collect = (line: string) => said.push(line);
    const options = { env, prompt, userName: Username, browser: true, writeKeys: false, program: ["oidc-s3"] };
    await login({ ...options, say: collect, show: collect, print: collect, open: () => {} }).finally(() => mfa("OFF"));
    expect(said.join("\n")).toContain(`signed in as`);
    const settings = loadUserSettings({ env });
    const renewed = () => newCredentials(settings, { report: () => {} });
    const { accessKeyId, secretAccessKey, sessionToken } = await renewed();
    const credentials = { accessKeyId, secretAccessKey, sessionToken };
    const sts = new STSClient({ ...administratorConfig(aws.url, REGION), credentials });
    expect((await sts.send(new GetCallerIdentityCommand({}))).Arn).toContain("assumed-role/people/");
    await cognito.send(new AdminUserGlobalSignOutCommand({ UserPoolId: poolId, Username }));
    await expect(renewed()).rejects.toMatchObject({ exitCode: 4 });
  });

  it("come of STS by the basic flow, for as long as the role allows and for no edited token", async () => {
    const { Token = "" } = await federation.send(new GetOpenIdTokenCommand(await identityOf("one@example.org")));
    const sts = new STSClient(administratorConfig(aws.url, REGION));
    const assume = (WebIdentityToken: string, DurationSeconds: number) =>
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: ROLE,
          RoleSessionName: "one",
          WebIdentityToken,
          DurationSeconds,
        }),
      );
    const { Credentials, Audience } = await assume(Token, 7200);
    expect(Audience).toBe(poolOfIdentities);
    expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now() + 7_000_000);
    await expect(assume(Token, 7201)).rejects.toMatchObject({ message: expect.stringContaining("MaxSessionDuration") });
    const edited = Token.replace(/\.(.)/, (_, first) => `.${first === "e" ? "f" : "e"}`);
    await expect(assume(edited, 900)).rejects.toMatchObject({ name: "InvalidIdentityTokenException" });
  });
});

it("somebody who is invited signs in to oidc-s3 with a real browser, by the keyboard and without scripts", async () => {
  if (!isInstalled(BROWSER, "--version")) return;
  const Username = "eve@example.org";
  const UserAttributes = [{ Name: "email", Value: Username }];
  await cognito.send(
    new AdminCreateUserCommand({ UserPoolId: poolId, Username, UserAttributes, DesiredDeliveryMediums: ["EMAIL"] }),
  );
  const redirect_uri = `http://localhost:${await freePort()}/callback`;
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: "browser",
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthFlows: ["code"],
      AllowedOAuthScopes: ["openid", "email", "profile", "aws.cognito.signin.user.admin"],
      CallbackURLs: [redirect_uri],
    }),
  );
  const issuer = `https://cognito-idp.${REGION}.amazonaws.com/${poolId}`;
  const domain = await startTokenEndpoint({
    ...{ userPoolId: poolId, issuer, key: identity.people.keys.of(issuer) },
    findClient: appClientsOf(cognito, poolId),
    people: peopleAtDomain(identity.people, poolId),
  });
  const home = join(folder, "eve");
  const config = join(home, ".config", "oidc-s3", "users");
  mkdirSync(config, { recursive: true, mode: 0o700 });
  const settings = {
    ...{ region: REGION, user_pool_id: poolId, client_id: UserPoolClient?.ClientId, issuer },
    ...{ domain: new URL(domain.url).origin, callback_urls: [redirect_uri] },
    endpoints: { cognito_idp: aws.url, cognito_identity: aws.url, sts: aws.url },
  };
  writeFileSync(join(config, "default.json"), JSON.stringify(settings), { mode: 0o600 });
  const browser = await Browser.start(join(folder, "browser"));
  try {
    const said: string[] = [];
    const collect = (line: string) => said.push(line);
    const prompt = { askHidden: async () => "", ask: async () => "", close: () => {} };
    const env = { HOME: home, PATH: process.env.PATH };
    let signingIn: Promise<void> | undefined;
    const address = new Promise<string>((open) => {
      const options = { env, prompt, browser: true, writeKeys: false, program: ["oidc-s3"], open };
      signingIn = login({ ...options, say: collect, show: collect, print: collect });
    });
    await browser.open(await address);
    expect(await browser.read()).toEqual(
      expect.arrayContaining([
        "heading Sign in",
        "textbox User name or e-mail address",
        "textbox Password",
        "button Sign in",
      ]),
    );
    await browser.type(Username);
    await browser.tab();
    await browser.type("Wrong-horse-7");
    await browser.enter();
    expect((await browser.read()).join()).toContain("Incorrect username or password.");
    await browser.type(Username);
    await browser.tab();
    await browser.type(identity.outbox.messages(Username).at(-1)?.secret ?? "");
    await browser.enter();
    expect(await browser.read()).toContain("textbox New password");
    await browser.type("Correct-horse-7");
    await browser.enter();
    expect((await browser.read()).join()).toMatch(/signed in/i);
    await signingIn;
    expect(said.join("\n")).toContain(`(${Username})`);
    expect(said.join("\n")).not.toContain("Correct-horse-7");
  } finally {
    await browser.stop();
    await domain.close();
  }
});

/** A port that nothing listens on: the client listens on a fixed one. */
async function freePort(): Promise<string> {
  const server = await serveOnLoopback((_, response) => void response.end());
  await server.close();
  return new URL(server.url).port;
}

it("an administrator's call needs a signature", async () => {
  const answer = await fetch(aws.url, {
    method: "POST",
    headers: { "x-amz-target": "AWSCognitoIdentityProviderService.AdminCreateUser" },
    body: JSON.stringify({ UserPoolId: poolId, Username: "mallory@example.org" }),
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ __type: "MissingAuthenticationTokenException" });
});
