import { evaluate } from "../../iam/evaluate";
import { apiFiles, configOf } from "../config/support/load";
import { ACCOUNT, grantedActions, printTable } from "../support/policy-inputs";
import { addresses, at, type StackDocument, synthesiseApi } from "../support/synthesise";

/** Two functions that answer routes, and one that no route leads to. */
const API = `
environment_name = "dev"
resource_servers = { api = { identifier = "API", name = "API", scopes = { get = "Read" } } }
clients = { this = { scopes = { "API/get" = true } } }
routes = {
  "GET /book" = { scopes = ["API/get"], function = "book" }
  "GET /user" = { scopes = ["API/get"], function = "user" }
}
functions = {
  book  = { source = "functions/book" }
  user  = { source = "functions/user" }
  spare = { source = "functions/user" }
}
`;
const FUNCTIONS = ["book", "spare", "user"];
const logGroup = (name: string) => `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/lambda/dev-${name}-api`;
const api = `arn:aws:execute-api:eu-west-1:${ACCOUNT}:abc123`;

/** What Terraform puts in for the references that policies hold. */
function resolved(text: string): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, reference: string) => {
    const [, name] = /^aws_cloudwatch_log_group\.(\w+)\.arn$/.exec(reference) ?? [];
    if (name !== undefined) return logGroup(name);
    if (reference === "aws_api_gateway_rest_api.api.execution_arn") return api;
    throw new Error(`no value for ${whole}`);
  });
}

let document: StackDocument;
beforeAll(async () => {
  document = synthesiseApi(await configOf(apiFiles(API))).document;
});

const policyOf = (name: string): unknown =>
  JSON.parse(resolved(at(document, `aws_iam_role_policy.${name}`).policy as string));

async function isAllowed(name: string, action: string, resource: string): Promise<boolean> {
  const { allowed } = await evaluate({
    principal: `arn:aws:sts::${ACCOUNT}:assumed-role/dev-${name}-api/dev-${name}-api`,
    accountId: ACCOUNT,
    action,
    resource,
    context: {},
    identityPolicies: [{ name, policy: policyOf(name) }],
  });
  return allowed;
}

it("every role of the layer is a function's, with one policy, and nobody but Lambda may assume it", () => {
  const of = (type: string) => addresses(document).filter((address) => address.startsWith(`${type}.`));
  expect(of("aws_iam_role")).toEqual(FUNCTIONS.map((name) => `aws_iam_role.${name}`));
  expect(of("aws_iam_role_policy")).toEqual(FUNCTIONS.map((name) => `aws_iam_role_policy.${name}`));
  expect(of("aws_iam_role_policy_attachment")).toEqual([]);
  for (const name of FUNCTIONS) {
    const role = at(document, `aws_iam_role.${name}`);
    expect(role).not.toHaveProperty("managed_policy_arns");
    const { Statement } = JSON.parse(role.assume_role_policy as string);
    expect(Statement).toEqual([
      { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
  }
});

const OWN_LOG = (name: string) => `${logGroup(name)}:log-stream:2026/11/26/[$LATEST]a`;
const ASKED: readonly (readonly [action: string, resource: (name: string) => string, allowed: boolean])[] = [
  ["logs:CreateLogStream", OWN_LOG, true],
  ["logs:PutLogEvents", OWN_LOG, true],
  ["logs:PutLogEvents", (name) => OWN_LOG(name === "book" ? "user" : "book"), false],
  ["logs:PutLogEvents", (name) => OWN_LOG(`${name}-2`), false],
  ["logs:GetLogEvents", OWN_LOG, false],
  ["logs:CreateLogGroup", logGroup, false],
  ["logs:DeleteLogGroup", logGroup, false],
  ["logs:PutRetentionPolicy", logGroup, false],
  ["lambda:InvokeFunction", () => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:dev-book-api`, false],
  ["lambda:UpdateFunctionCode", () => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:dev-book-api`, false],
  ["cognito-idp:DescribeUserPoolClient", () => `arn:aws:cognito-idp:eu-west-1:${ACCOUNT}:userpool/eu-west-1_x`, false],
  ["cognito-idp:UpdateUserPoolClient", () => `arn:aws:cognito-idp:eu-west-1:${ACCOUNT}:userpool/eu-west-1_x`, false],
  ["apigateway:PATCH", () => "arn:aws:apigateway:eu-west-1::/restapis/abc123", false],
  ["sts:AssumeRole", () => `arn:aws:iam::${ACCOUNT}:role/dev-user-api`, false],
  ["iam:PassRole", () => `arn:aws:iam::${ACCOUNT}:role/dev-user-api`, false],
  ["s3:GetObject", () => "arn:aws:s3:::oidc-s3-cognito-dev-uploads/a", false],
  ["dynamodb:GetItem", () => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/oidc-s3-dev-client-roles`, false],
  ["secretsmanager:GetSecretValue", () => `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:a`, false],
];

it("a function's role may write its own log, and nothing else", async () => {
  const rows = [["", ...FUNCTIONS]];
  for (const [action, resource, expected] of ASKED) {
    const answers: boolean[] = [];
    for (const name of FUNCTIONS) answers.push(await isAllowed(name, action, resource(name)));
    expect({ action, on: resource("book"), answers }).toEqual({
      action,
      on: resource("book"),
      answers: FUNCTIONS.map(() => expected),
    });
    rows.push([
      `${action} ${resource("book").split(":").slice(2).join(":")}`,
      ...answers.map((yes) => (yes ? "yes" : "-")),
    ]);
  }
  for (const name of FUNCTIONS) {
    expect(grantedActions(policyOf(name))).toEqual(["logs:CreateLogStream", "logs:PutLogEvents"]);
  }
  printTable("What the functions of the api layer may do (on what, for book)", rows);
});

it("only the stage of this API may invoke a function, and only one that a route leads to", () => {
  const permissions = addresses(document).filter((address) => address.startsWith("aws_lambda_permission."));
  expect(permissions).toEqual(["aws_lambda_permission.book", "aws_lambda_permission.user"]);
  for (const address of permissions) {
    const { principal, action, source_arn: sourceArn } = at(document, address);
    expect({ principal, action, sourceArn: resolved(sourceArn as string) }).toEqual({
      principal: "apigateway.amazonaws.com",
      action: "lambda:InvokeFunction",
      sourceArn: `${api}/dev/*/*`,
    });
  }
});
