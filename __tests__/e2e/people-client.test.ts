import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CognitoIdentityClient,
  CreateIdentityPoolCommand,
  SetIdentityPoolRolesCommand,
} from "@aws-sdk/client-cognito-identity";
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminSetUserMFAPreferenceCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  SetUserPoolMfaConfigCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/aws-endpoint";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { rolePolicyReader } from "../../sandbox/aws/role-policies";
import { SigningKeys } from "../../sandbox/cognito/signing-key";
import { type Identity, mountIdentity } from "../../sandbox/identity/mounted-identity";
import { totpCode } from "../../sandbox/identity/totp";
import { administratorConfig } from "../../sandbox/process/administrator";
import { BuiltClient, type Ended, until } from "../client/support/built-client";

const REGION = "eu-west-1";
const ANN = "ann@example.org";
const PASSWORD = "Correct-horse-7";
const STEP_MS = 30_000;

const client = new BuiltClient();
let folder: string;
let home: string;
let emulator: Emulator;
let aws: AwsEndpoint;
let identity: Identity;
let cognito: CognitoIdentityProviderClient;
let poolId: string;
let secret: string;
/** Of Ann, in the identity pool. */
let prefix: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-people-"));
  home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  [emulator] = await Promise.all([startEmulator({ folder }), client.build()]);
  const administrator = administratorConfig(emulator.url, REGION);
  const iam = new IAMClient(administrator);
  const readRolePolicies = rolePolicyReader(iam);
  aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region: REGION });
  identity = mountIdentity({
    aws,
    emulatorUrl: emulator.url,
    region: REGION,
    readRolePolicies,
    keys: new SigningKeys(),
    folder,
  });
  cognito = new CognitoIdentityProviderClient(administratorConfig(aws.url, REGION));
  await new S3Client({ ...administrator, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: "people", CreateBucketConfiguration: { LocationConstraint: REGION } }),
  );
  writeFileSync(join(folder, "outputs.json"), JSON.stringify({ user_configuration: await deploy(iam) }));
});

afterAll(async () => {
  cognito?.destroy();
  await client.remove();
  await aws?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the layer makes, as far as a person's client sees it. @returns what it hands over. */
async function deploy(iam: IAMClient) {
  const pool = await cognito.send(new CreateUserPoolCommand({ PoolName: "people", UsernameAttributes: ["email"] }));
  poolId = pool.UserPool?.Id ?? "";
  const mfa = {
    UserPoolId: poolId,
    MfaConfiguration: "OPTIONAL",
    SoftwareTokenMfaConfiguration: { Enabled: true },
  } as const;
  await cognito.send(new SetUserPoolMfaConfigCommand(mfa));
  const app = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: "cli",
      ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
      PreventUserExistenceErrors: "ENABLED",
      EnableTokenRevocation: true,
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
    }),
  );
  const clientId = app.UserPoolClient?.ClientId ?? "";
  const provider = `cognito-idp.${REGION}.amazonaws.com/${poolId}`;
  const federation = new CognitoIdentityClient(administratorConfig(aws.url, REGION));
  const { IdentityPoolId = "" } = await federation.send(
    new CreateIdentityPoolCommand({
      IdentityPoolName: "people",
      AllowUnauthenticatedIdentities: false,
      AllowClassicFlow: true,
      CognitoIdentityProviders: [{ ProviderName: provider, ClientId: clientId, ServerSideTokenCheck: true }],
    }),
  );
  const trust = {
    Effect: "Allow",
    Principal: { Federated: "cognito-identity.amazonaws.com" },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: { "cognito-identity.amazonaws.com:aud": IdentityPoolId },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
    },
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: "users-authenticated",
      MaxSessionDuration: 7200,
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [trust] }),
    }),
  );
  const own = "users/${cognito-identity.amazonaws.com:sub}/";
  const allow = { Effect: "Allow", Action: "s3:PutObject", Resource: `arn:aws:s3:::people/${own}*` };
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: "users-authenticated",
      PolicyName: "s3",
      PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [allow] }),
    }),
  );
  const roleArn = Role?.Arn ?? "";
  await federation.send(new SetIdentityPoolRolesCommand({ IdentityPoolId, Roles: { authenticated: roleArn } }));
  const endpoint = `${aws.url}/`;
  return {
    region: REGION,
    user_pool_id: poolId,
    client_id: clientId,
    identity_pool_id: IdentityPoolId,
    issuer: `https://${provider}`,
    domain: null,
    callback_urls: [],
    // The second is more than the role allows: AWS itself has to refuse it.
    long_sessions: { [roleArn]: 14_400 },
    authenticated_role_arn: roleArn,
    s3: { bucket: "people", prefix: "users/", user_specific: true },
    endpoints: { cognito_idp: endpoint, cognito_identity: endpoint, sts: endpoint },
  };
}

const environment = () => ({ HOME: home, AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_DISABLED: "true" });

/** Runs `oidc-s3 user …`, with lines on its standard input. */
function user(args: readonly string[], ...lines: readonly string[]): Promise<Ended> {
  const { child, ended } = client.start(["user", ...args], environment(), { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin?.end(lines.map((line) => `${line}\n`).join(""));
  return ended;
}

const codeOf = (steps: number) => totpCode(secret, Date.now() + steps * STEP_MS);

/** As after an hour: what is kept has expired, and nothing at the services has changed. */
function letTokensExpire(): void {
  const state = join(home, ".local/state/oidc-s3/users");
  for (const name of readdirSync(state).filter((each) => each.endsWith(".json") && !each.includes("failure"))) {
    const kept = JSON.parse(readFileSync(join(state, name), "utf8"));
    if (name.endsWith(".session.json")) kept.expiresAt = Date.now() - 1000;
    else kept.expiration = new Date(Date.now() - 1000).toISOString();
    writeFileSync(join(state, name), JSON.stringify(kept));
  }
}

async function credentials() {
  const { code, stdout, stderr } = await user(["credentials", "--profile", "work"]);
  if (code !== 0) throw new Error(stderr);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = JSON.parse(stdout);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken, Expiration };
}

it("an invitation becomes a sign-in, with a password of Ann's own, and a profile", async () => {
  const UserAttributes = [
    { Name: "email", Value: ANN },
    { Name: "email_verified", Value: "true" },
  ];
  await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: poolId,
      Username: ANN,
      UserAttributes,
      DesiredDeliveryMediums: ["EMAIL"],
    }),
  );
  const temporary = identity.outbox.messages(ANN).at(-1)?.secret ?? "";
  expect(await user(["configure", "--from", join(folder, "outputs.json")])).toMatchObject({ code: 0 });
  const wrong = await user(["login", "-u", ANN], "Wrong-horse-7");
  const unknown = await user(["login", "-u", "nobody@example.org"], "Wrong-horse-7");
  expect(wrong).toMatchObject({ code: 4, stderr: expect.stringContaining("wrong user name or password") });
  expect(unknown.stderr).toBe(wrong.stderr);
  const signedIn = await user(["login", "-u", ANN, "--profile", "work"], temporary, PASSWORD, PASSWORD);
  expect(signedIn).toMatchObject({ code: 0, stdout: expect.stringContaining(`(${ANN})`) });
  expect(`${signedIn.stdout}${signedIn.stderr}`).not.toContain(PASSWORD);
});

it("an authenticator app is set up, and asked for from then on; a code works once", async () => {
  const { child, ended, stderr } = client.start(["user", "mfa", "enrol", "--profile", "work"], environment(), {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const letters = await until(() => /type this there: ([A-Z2-7 ]+)\n/.exec(stderr())?.[1], "the secret");
  secret = letters.replaceAll(" ", "");
  expect(stderr()).toMatch(/[█▀▄]{10}/);
  child.stdin?.end(`${codeOf(-1)}\n`);
  expect(await ended).toMatchObject({ code: 0 });
  const code = codeOf(0);
  expect(await user(["login", "-u", ANN, "--profile", "work"], PASSWORD, code)).toMatchObject({ code: 0 });
  expect(await user(["login", "-u", ANN, "--profile", "work"], PASSWORD, code, code, code)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("the code"),
  });
  expect((await user(["whoami", "--profile", "work"])).stdout).toContain("second factor: totp");
});

it("the AWS CLI writes under Ann's own prefix by the profile; others' prefixes and the listing are refused", async () => {
  const status = JSON.parse((await user(["status", "--json", "--profile", "work"])).stdout);
  expect(status.s3).toMatch(/^s3:\/\/people\/users\/eu-west-1:[0-9a-f-]+\/$/);
  prefix = status.s3.slice("s3://people/".length);
  writeFileSync(join(folder, "a.txt"), "a");
  const put = ["s3api", "put-object", "--bucket", "people", "--body", join(folder, "a.txt"), "--profile", "work"];
  const written = await client.startProgram("aws", [...put, "--key", `${prefix}a.txt`], environment()).ended;
  expect(written).toMatchObject({ code: 0 });
  const s3 = new S3Client({
    region: REGION,
    endpoint: aws.url,
    forcePathStyle: true,
    credentials: await credentials(),
  });
  const denied = { name: "AccessDenied" };
  for (const Key of ["users/eu-west-1:00000000-0000-0000-0000-000000000000/a", `${prefix.slice(0, -1)}x/a`, "a"])
    await expect(s3.send(new PutObjectCommand({ Bucket: "people", Key, Body: "x" }))).rejects.toMatchObject(denied);
  await expect(s3.send(new ListObjectsV2Command({ Bucket: "people" }))).rejects.toMatchObject(denied);
});

it("processes that find everything expired renew once, though a refresh token works once", async () => {
  letTokensExpire();
  const all = await Promise.all([credentials(), credentials(), credentials()]);
  expect(new Set(all.map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
  letTokensExpire();
  expect((await credentials()).accessKeyId).not.toBe(all[0]?.accessKeyId);
});

it("whoever is signed out by an administrator is told in one sentence", async () => {
  const who = { UserPoolId: poolId, Username: ANN };
  await cognito.send(new AdminUserGlobalSignOutCommand(who));
  letTokensExpire();
  const signedOut = await user(["credentials", "--profile", "work"]);
  expect(signedOut).toMatchObject({ code: 4, stdout: "", stderr: expect.stringContaining("the sign-in has ended") });
  expect(signedOut.stderr).toContain("oidc-s3 user login --profile work");
});

it("credentials live two hours where the role allows it; AWS itself refuses more, and nothing else is given", async () => {
  await cognito.send(
    new AdminSetUserMFAPreferenceCommand({
      UserPoolId: poolId,
      Username: ANN,
      SoftwareTokenMfaSettings: { Enabled: false, PreferredMfa: false },
    }),
  );
  expect(await user(["login", "-u", ANN, "--profile", "work", "--duration", "2"], PASSWORD)).toMatchObject({ code: 0 });
  const twoHours = Date.parse((await credentials()).Expiration) - Date.now();
  expect(Math.round(twoHours / 60_000)).toBe(120);
  const more = await user(["login", "-u", ANN, "--profile", "work", "--duration", "4"], PASSWORD);
  expect(more).toMatchObject({ code: 4, stderr: expect.stringContaining("for less than 4 hours") });
  expect(await user(["credentials", "--profile", "work"])).toMatchObject({ code: 4, stdout: "" });
  const tooMany = await user(["login", "-u", ANN, "--profile", "work", "--duration", "12"]);
  expect(tooMany).toMatchObject({ code: 2, stderr: expect.stringContaining("no role allows more than 4 hours") });
  await cognito.send(new AdminDisableUserCommand({ UserPoolId: poolId, Username: ANN }));
  const disabled = await user(["login", "-u", ANN, "--profile", "work"], PASSWORD);
  expect(disabled).toMatchObject({ code: 4, stderr: expect.stringContaining("this user is disabled") });
});
