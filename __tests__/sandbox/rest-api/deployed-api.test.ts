import { APIGatewayClient, type Authorizer, type Method } from "@aws-sdk/client-api-gateway";
import { administratorConfig } from "../../../sandbox/process/administrator";
import { type LoopbackServer, sendJson, serveOnLoopback } from "../../../sandbox/process/loopback-server";
import { readMethods, readStages } from "../../../sandbox/rest-api/deployed-api";
import { FUNCTION_ARN, POOL_ARN } from "./support/deployed";

const AUTHORIZER: Authorizer = {
  id: "authorizer",
  type: "COGNITO_USER_POOLS",
  providerARNs: [POOL_ARN],
  identitySource: "method.request.header.Authorization",
};
const URI = `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${FUNCTION_ARN}/invocations`;
const METHOD: Method = {
  authorizationType: "COGNITO_USER_POOLS",
  authorizerId: "authorizer",
  authorizationScopes: ["API/book.get"],
  methodIntegration: { type: "AWS_PROXY", httpMethod: "POST", uri: URI },
};

let authorizers: Authorizer[];
let resources: { id: string; path: string; resourceMethods?: Record<string, Method> }[];
let server: LoopbackServer;
let client: APIGatewayClient;
beforeAll(async () => {
  server = await serveOnLoopback((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://x");
    if (pathname === "/restapis/abc123/authorizers") sendJson(response, 200, { item: authorizers });
    else if (pathname === "/restapis/abc123/stages") {
      sendJson(response, 200, { item: [{ stageName: "dev", deploymentId: "d1", variables: { a: "b" } }] });
    } else if (pathname === "/restapis/abc123/resources" && searchParams.getAll("embed").includes("methods")) {
      const second = searchParams.get("position") === "2";
      sendJson(response, 200, {
        item: resources.slice(second ? 1 : 0, second ? 2 : 1),
        ...(second ? {} : { position: "2" }),
      });
    } else sendJson(response, 404, {});
  });
  client = new APIGatewayClient({ ...administratorConfig(server.url, "eu-west-1"), maxAttempts: 1 });
});
afterAll(async () => {
  client.destroy();
  await server.close();
});
beforeEach(() => {
  authorizers = [AUTHORIZER];
  resources = [];
});

async function read(changes: Partial<Method>) {
  resources = [{ id: "r1", path: "/book", resourceMethods: { GET: { ...METHOD, ...changes } } }];
  return (await readMethods(client, "abc123"))[0];
}
const PLACE = { resourceId: "r1", resourcePath: "/book", httpMethod: "GET" };

it("reads stages", async () => {
  expect(await readStages(client, "abc123")).toEqual([{ name: "dev", deploymentId: "d1", variables: { a: "b" } }]);
});

it("reads a method with its scopes, its user pool and its function", async () => {
  expect(await read({})).toEqual({
    ...PLACE,
    access: { kind: "scopes", header: "Authorization", userPoolArns: [POOL_ARN], scopes: ["API/book.get"] },
    integration: { kind: "function", functionArn: FUNCTION_ARN },
  });
});

it("reads the methods of every page of resources", async () => {
  resources = [
    { id: "r1", path: "/book", resourceMethods: { GET: METHOD, POST: METHOD } },
    { id: "r2", path: "/user", resourceMethods: { GET: METHOD } },
  ];
  const found = await readMethods(client, "abc123");
  expect(found.map(({ httpMethod, resourcePath }) => `${httpMethod} ${resourcePath}`)).toEqual([
    "GET /book",
    "POST /book",
    "GET /user",
  ]);
});

it.each<[string, Partial<Method>, object]>([
  ["anyone", { authorizationType: "NONE" }, { access: { kind: "anyone" } }],
  [
    "a URL with a variable",
    {
      methodIntegration: {
        type: "HTTP_PROXY",
        httpMethod: "GET",
        uri: "https://books.example/{item}",
        requestParameters: { "integration.request.path.item": "method.request.path.id" },
      },
    },
    {
      integration: {
        kind: "url",
        httpMethod: "GET",
        uri: "https://books.example/{item}",
        pathParameters: { item: "id" },
      },
    },
  ],
  [
    "a built-in answer",
    {
      methodIntegration: {
        type: "MOCK",
        requestTemplates: { "application/json": '{"statusCode": 200}' },
        integrationResponses: { "200": { statusCode: "200" } },
      },
    },
    {
      integration: {
        kind: "mock",
        requestTemplates: { "application/json": '{"statusCode": 200}' },
        passthroughBehavior: "WHEN_NO_MATCH",
        responses: [{ statusCode: "200" }],
      },
    },
  ],
])("reads a method of %s", async (_, changes, expected) => {
  expect(await read(changes)).toMatchObject({ ...PLACE, ...expected });
});

it.each<[string, Partial<Method>, string]>([
  ["an API key", { apiKeyRequired: true }, "it asks for an API key"],
  ["IAM", { authorizationType: "AWS_IAM" }, "its authorization is AWS_IAM"],
  ["no authorization at all", { authorizationType: undefined }, "its authorization is undefined"],
  ["another API's authorizer", { authorizerId: "gone" }, "its authorizer is not there"],
  ["no scopes", { authorizationScopes: [] }, "it has no scopes, so that it asks for ID tokens"],
  ["no integration", { methodIntegration: undefined }, "its integration is of type none"],
  ["an integration with another service", { methodIntegration: { type: "AWS", uri: URI } }, "of type AWS"],
  [
    "a mapping of headers",
    { methodIntegration: { type: "HTTP_PROXY", requestParameters: { "integration.request.header.a": "'b'" } } },
    "maps 'b' to",
  ],
])("does not make %s into something that it could serve", async (_, changes, sentence) => {
  expect(await read(changes)).toEqual({ ...PLACE, unsupported: expect.stringContaining(sentence) });
});

it.each<[string, Partial<Authorizer>, string]>([
  ["a function", { type: "TOKEN" }, "its authorizer is not there"],
  ["no user pool", { providerARNs: [] }, "its authorizer is not there"],
  ["a token in the query", { identitySource: "method.request.querystring.token" }, "looks for the token in"],
  ["a validation expression", { identityValidationExpression: "x" }, "has a validation expression"],
])("does not take an authorizer with %s for one that it knows", async (_, changes, sentence) => {
  authorizers = [{ ...AUTHORIZER, ...changes } as Authorizer];
  expect(await read({})).toEqual({ ...PLACE, unsupported: expect.stringContaining(sentence) });
});
