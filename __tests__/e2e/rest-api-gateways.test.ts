import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  APIGatewayClient,
  CreateAuthorizerCommand,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  GetResourcesCommand,
  PutIntegrationCommand,
  PutMethodCommand,
} from "@aws-sdk/client-api-gateway";
import {
  CognitoIdentityProviderClient,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  LambdaClient,
  UpdateFunctionCodeCommand,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { type AwsEndpoint, startAwsEndpoint } from "../../sandbox/aws/aws-endpoint";
import { type Emulator, startEmulator } from "../../sandbox/aws/emulator";
import { rolePolicyReader } from "../../sandbox/aws/role-policies";
import { appClientsOf } from "../../sandbox/cognito/app-clients";
import { startTokenEndpoint, type TokenEndpoint } from "../../sandbox/cognito/token-endpoint";
import { administratorConfig, type ClientConfig } from "../../sandbox/process/administrator";
import { type ServedRestApi, serveRestApi } from "../../sandbox/rest-api/served-rest-api";

const REGION = "eu-west-1";
const ACCOUNT = "123456789012";

/** One team's user pool and REST API, made by calls of the control plane. */
interface Team extends TeamRoute {
  readonly tokens: TokenEndpoint;
  readonly basic: string;
  readonly api: ServedRestApi;
}

interface TeamRoute {
  readonly apiId: string;
  readonly resourceId: string;
  readonly authorizerId: string;
}

let folder: string;
let emulator: Emulator;
let aws: AwsEndpoint;
let config: ClientConfig;
let lambda: LambdaClient;
let apiGateway: APIGatewayClient;
let functionArn: string;
let first: Team;
let second: Team;
const jwksUris = new Map<string, string>();
const reported: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-gateways-"));
  emulator = await startEmulator({ folder });
  const readRolePolicies = rolePolicyReader(new IAMClient(administratorConfig(emulator.url, REGION)));
  aws = await startAwsEndpoint({ emulatorUrl: emulator.url, readRolePolicies, region: REGION });
  config = administratorConfig(aws.url, REGION);
  lambda = new LambdaClient(config);
  apiGateway = new APIGatewayClient(config);
  functionArn = await createFunction("answer from the first code");
  first = await createTeam("first");
  second = await createTeam("second");
});

afterAll(async () => {
  for (const team of [first, second]) {
    await team?.api.stop();
    await team?.tokens.close();
  }
  await aws?.close();
  await emulator?.stop();
  await rm(folder, { recursive: true, force: true });
});

function zipOf(answer: string): Uint8Array {
  const code = `exports.handler = async (event) => ({ statusCode: 200, body: ${JSON.stringify(answer)} + " for " + event.requestContext.authorizer.claims.scope });`;
  return zipSync({ "index.js": strToU8(code) });
}

async function createFunction(answer: string): Promise<string> {
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
  });
  const iam = new IAMClient(config);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "answers", AssumeRolePolicyDocument: trust }));
  const { FunctionArn = "" } = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: "answers",
      Runtime: "nodejs22.x",
      Role: Role?.Arn,
      Handler: "index.handler",
      Timeout: 10,
      Code: { ZipFile: zipOf(answer) },
    }),
  );
  return FunctionArn;
}

async function createTeam(name: string): Promise<Team> {
  const cognito = new CognitoIdentityProviderClient(config);
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: name }));
  const UserPoolId = UserPool?.Id ?? "";
  const Scopes = ["get", "post"].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName }));
  await cognito.send(new CreateResourceServerCommand({ UserPoolId, Identifier: "API", Name: "API", Scopes }));
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: name,
      GenerateSecret: true,
      AllowedOAuthFlows: ["client_credentials"],
      AllowedOAuthFlowsUserPoolClient: true,
      AllowedOAuthScopes: ["API/get"],
    }),
  );
  const issuer = `https://cognito-idp.${REGION}.amazonaws.com/${UserPoolId}`;
  const tokens = await startTokenEndpoint({
    userPoolId: UserPoolId,
    issuer,
    findClient: appClientsOf(cognito, UserPoolId),
  });
  jwksUris.set(UserPoolId, tokens.jwksUri);
  const { id: apiId = "" } = await apiGateway.send(new CreateRestApiCommand({ name }));
  const route = await createRoute(apiId, UserPoolId);
  const api = await serveRestApi({
    apiId,
    accountId: ACCOUNT,
    clientConfig: config,
    folder,
    jwksUriOf: (id) => jwksUris.get(id),
    report: (error) => reported.push(String(error)),
  });
  const basic = `Basic ${Buffer.from(`${UserPoolClient?.ClientId}:${UserPoolClient?.ClientSecret}`).toString("base64")}`;
  return { ...route, tokens, basic, api };
}

/** `GET /answer`, for the scope API/get, by the function; deployed to the stage dev. */
async function createRoute(restApiId: string, userPoolId: string): Promise<TeamRoute> {
  const { items } = await apiGateway.send(new GetResourcesCommand({ restApiId }));
  const parentId = items?.[0]?.id ?? "";
  const { id: resourceId = "" } = await apiGateway.send(
    new CreateResourceCommand({ restApiId, parentId, pathPart: "answer" }),
  );
  const { id: authorizerId = "" } = await apiGateway.send(
    new CreateAuthorizerCommand({
      restApiId,
      name: "cognito",
      type: "COGNITO_USER_POOLS",
      providerARNs: [`arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${userPoolId}`],
      identitySource: "method.request.header.Authorization",
    }),
  );
  const route = { apiId: restApiId, resourceId, authorizerId };
  await putMethod(route, "API/get");
  await deploy(restApiId);
  return route;
}

/** The emulator updates no method: it is put anew. */
async function putMethod({ apiId: restApiId, resourceId, authorizerId }: TeamRoute, scope: string): Promise<void> {
  const method = { restApiId, resourceId, httpMethod: "GET" };
  const authorization = { authorizationType: "COGNITO_USER_POOLS", authorizerId, authorizationScopes: [scope] };
  await apiGateway.send(new PutMethodCommand({ ...method, ...authorization }));
  const uri = `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
  await apiGateway.send(
    new PutIntegrationCommand({ ...method, type: "AWS_PROXY", integrationHttpMethod: "POST", uri }),
  );
}

const deploy = (restApiId: string) => apiGateway.send(new CreateDeploymentCommand({ restApiId, stageName: "dev" }));

async function tokenOf({ tokens, basic }: Team): Promise<string> {
  const response = await fetch(`${tokens.url}?grant_type=client_credentials`, {
    method: "POST",
    headers: { authorization: basic, "content-type": "application/x-www-form-urlencoded" },
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function call({ api }: Team, token: string) {
  const response = await fetch(`${api.endpointOf("dev")}answer`, { headers: { authorization: token } });
  return { status: response.status, body: await response.text() };
}

const FAULT = { status: 500, body: '{"message":"Internal server error"}' };
const UNAUTHORIZED = { status: 401, body: '{"message":"Unauthorized"}' };

it("a function is not invoked before a permission lets this API's stage do so", async () => {
  expect(await call(first, await tokenOf(first))).toEqual(FAULT);
  expect(reported.join()).toContain("no permission lets the API invoke");
  for (const { apiId } of [first, second]) {
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: functionArn,
        StatementId: apiId,
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        SourceArn: `arn:aws:execute-api:${REGION}:${ACCOUNT}:${apiId}/dev/*/*`,
      }),
    );
  }
  // A policy is read once a second.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  expect(await call(first, await tokenOf(first))).toEqual({
    status: 200,
    body: "answer from the first code for API/get",
  });
});

it("each API takes the tokens of its own user pool, and not the other's", async () => {
  const tokens = { first: await tokenOf(first), second: await tokenOf(second) };
  expect([await call(first, tokens.first), await call(second, tokens.second)]).toEqual([
    expect.objectContaining({ status: 200 }),
    expect.objectContaining({ status: 200 }),
  ]);
  expect([await call(first, tokens.second), await call(second, tokens.first)]).toEqual([UNAUTHORIZED, UNAUTHORIZED]);
});

it("a method's other scope counts once it is deployed, and not before", async () => {
  const token = await tokenOf(second);
  await putMethod(second, "API/post");
  await second.api.renew();
  expect(await call(second, token)).toMatchObject({ status: 200 });
  await deploy(second.apiId);
  await second.api.renew();
  expect(await call(second, token)).toEqual(UNAUTHORIZED);
  expect(await call(first, await tokenOf(first))).toMatchObject({ status: 200 });
});

it("a function's new code answers after the next deployment", async () => {
  await lambda.send(
    new UpdateFunctionCodeCommand({ FunctionName: "answers", ZipFile: zipOf("answer from the second code") }),
  );
  await first.api.renew();
  expect(await call(first, await tokenOf(first))).toMatchObject({ body: "answer from the second code for API/get" });
});
