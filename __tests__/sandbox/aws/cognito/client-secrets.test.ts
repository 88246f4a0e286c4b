import {
  AddUserPoolClientSecretCommand,
  CognitoIdentityProviderClient,
  DeleteUserPoolClientSecretCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientSecretsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { type AwsEndpoint, startAwsEndpoint } from "../../../../sandbox/aws/aws-endpoint";
import { appClientsOf } from "../../../../sandbox/cognito/app-clients";
import { startTokenEndpoint, type TokenEndpoint } from "../../../../sandbox/cognito/token-endpoint";
import { administratorConfig } from "../../../../sandbox/process/administrator";
import { type LoopbackServer, readBody, sendJson, serveOnLoopback } from "../../../../sandbox/process/loopback-server";

const OF = { UserPoolId: "eu-west-1_a", ClientId: "server" };
const FIRST = "the-first-secret";
const MADE = 1_700_000_000;

let emulator: LoopbackServer;
let aws: AwsEndpoint;
let tokens: TokenEndpoint;
let cognito: CognitoIdentityProviderClient;
beforeEach(async () => {
  emulator = await serveOnLoopback(async (request, response) => {
    const { ClientId } = JSON.parse((await readBody(request, 1_000_000)).toString());
    const isKnown =
      ClientId !== "unknown" && String(request.headers["x-amz-target"]).endsWith("DescribeUserPoolClient");
    const secret = ClientId === "public" ? {} : { ClientSecret: FIRST };
    const flows = { AllowedOAuthFlows: ["client_credentials"], AllowedOAuthScopes: ["api/write"] };
    if (isKnown) sendJson(response, 200, { UserPoolClient: { ClientId, ...secret, ...flows, CreationDate: MADE } });
    else sendJson(response, 400, { __type: "ResourceNotFoundException", message: "no such client" });
  });
  const readRolePolicies = async () => undefined;
  const now = () => (MADE + 60) * 1000;
  aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region: "eu-west-1", now });
  // The SDK takes LimitExceededException for a throttle, and would wait.
  cognito = new CognitoIdentityProviderClient({ ...administratorConfig(aws.url, "eu-west-1"), maxAttempts: 1 });
  const accepted = (clientId: string, first: string | undefined) => aws.clientSecrets.accepted(clientId, first);
  const findClient = appClientsOf(cognito, OF.UserPoolId, accepted);
  tokens = await startTokenEndpoint({ userPoolId: OF.UserPoolId, issuer: "https://issuer", findClient });
});
afterEach(async () => {
  cognito.destroy();
  await tokens.close();
  await aws.close();
  await emulator.close();
});

const add = async (more: { ClientId?: string; ClientSecret?: string } = {}) =>
  (await cognito.send(new AddUserPoolClientSecretCommand({ ...OF, ...more }))).ClientSecretDescriptor ?? {};
const list = async () => (await cognito.send(new ListUserPoolClientSecretsCommand(OF))).ClientSecrets ?? [];
const remove = (ClientSecretId: string | undefined) =>
  cognito.send(new DeleteUserPoolClientSecretCommand({ ...OF, ClientSecretId }));
const described = async () => (await cognito.send(new DescribeUserPoolClientCommand(OF))).UserPoolClient?.ClientSecret;
async function statusBy(client_secret: string | undefined) {
  const form = { grant_type: "client_credentials", client_id: "server", client_secret: client_secret ?? "" };
  return (await fetch(tokens.url, { method: "POST", body: new URLSearchParams(form) })).status;
}

it("two secrets get tokens, and the first none once it is deleted", async () => {
  expect(await statusBy(FIRST)).toBe(200);
  const { ClientSecretValue: second, ClientSecretId } = await add();
  expect(second).toMatch(/^\w{50,}$/);
  expect([await statusBy(FIRST), await statusBy(second), await statusBy("another")]).toEqual([200, 200, 400]);
  expect(await described()).toBe(FIRST);
  const [first] = await list();
  await remove(first?.ClientSecretId);
  expect([await statusBy(FIRST), await statusBy(second)]).toEqual([400, 200]);
  expect(await described()).toBeUndefined();
  await expect(remove(ClientSecretId)).rejects.toThrow("The last secret of a client cannot be deleted");
});

it("the second taken away again, all is as it was", async () => {
  const { ClientSecretValue: second, ClientSecretId } = await add();
  await remove(ClientSecretId);
  expect([await statusBy(FIRST), await statusBy(second)]).toEqual([200, 400]);
  expect(await described()).toBe(FIRST);
});

it("the list has ids and times, and no values", async () => {
  expect(await list()).toEqual([
    { ClientSecretId: `server--${MADE}000`, ClientSecretCreateDate: new Date(MADE * 1000) },
  ]);
  await add();
  expect((await list())[1]).toEqual({
    ClientSecretId: `server--${MADE + 60}000`,
    ClientSecretCreateDate: new Date((MADE + 60) * 1000),
  });
});

it("a secret of the caller's own is not told again", async () => {
  expect(await add({ ClientSecret: "chosen-by-the-caller" })).not.toHaveProperty("ClientSecretValue");
  expect(await statusBy("chosen-by-the-caller")).toBe(200);
});

it("a third secret, one of a public or an unknown client, and the deletion of one that is not there are refused", async () => {
  await add();
  await expect(add()).rejects.toMatchObject({ name: "LimitExceededException" });
  await expect(add({ ClientId: "public" })).rejects.toMatchObject({ name: "InvalidParameterException" });
  await expect(add({ ClientId: "unknown" })).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  await expect(remove("server--1")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  expect(await list()).toHaveLength(2);
});
