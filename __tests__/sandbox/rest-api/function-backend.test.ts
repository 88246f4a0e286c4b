import { GetPolicyCommand, type LambdaClient, ResourceNotFoundException } from "@aws-sdk/client-lambda";
import { FunctionFailedError, FunctionTimeoutError } from "../../../sandbox/lambda/lambda-function";
import { FunctionBackend } from "../../../sandbox/rest-api/function-backend";
import { mayInvoke } from "../../../sandbox/rest-api/invoke-permission";
import { proxyEvent } from "../../../sandbox/rest-api/proxy-event";
import { FUNCTION_ARN, failure, method, requestOf, STAGE } from "./support/deployed";

describe("the event of a function", () => {
  it("is of payload format 1.0", () => {
    const event = proxyEvent(
      requestOf({
        httpMethod: "POST",
        path: "/book/a%20b",
        route: method("POST /book/{id}"),
        pathParameters: { id: "a%20b" },
        query: "q=1&q=2&r=",
        rawHeaders: ["Host", "api.example", "X-A", "1", "X-A", "2", "User-Agent", "curl"],
        body: Buffer.from("ä"),
        claims: { client_id: "reports", exp: 1_523_963_484, iat: 1_523_959_884, version: 2 },
      }),
    );
    expect(event).toMatchObject({
      resource: "/book/{id}",
      path: "/book/a%20b",
      httpMethod: "POST",
      headers: { "X-A": "2", Host: "api.example" },
      multiValueHeaders: { "X-A": ["1", "2"] },
      queryStringParameters: { q: "2", r: "" },
      multiValueQueryStringParameters: { q: ["1", "2"], r: [""] },
      pathParameters: { id: "a b" },
      stageVariables: null,
      body: "ä",
      isBase64Encoded: false,
    });
    expect(event.requestContext).toMatchObject({
      apiId: "abc123",
      stage: "dev",
      path: "/dev/book/a%20b",
      resourcePath: "/book/{id}",
      resourceId: "id-of-/book/{id}",
      domainName: "api.example",
      requestTime: "12/Mar/2026:19:03:58 +0000",
      identity: { sourceIp: "127.0.0.1", userAgent: "curl" },
      authorizer: {
        claims: {
          client_id: "reports",
          exp: "Tue Apr 17 11:11:24 UTC 2018",
          iat: "Tue Apr 17 10:11:24 UTC 2018",
          version: "2",
        },
      },
    });
  });

  it("has null for what the request does not have", () => {
    expect(proxyEvent(requestOf())).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      body: null,
      requestContext: { authorizer: null },
    });
  });
});

describe("the permission to invoke a function", () => {
  const arn = (tail: string) => `arn:aws:execute-api:eu-west-1:123456789012:${tail}`;
  const statement = (changes = {}) =>
    JSON.stringify({
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "apigateway.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: FUNCTION_ARN,
          Condition: { ArnLike: { "AWS:SourceArn": arn("abc123/dev/*/*") } },
          ...changes,
        },
      ],
    });
  const called = arn("abc123/dev/GET/book");

  it.each([
    ["of this stage", statement(), true],
    ["without a condition", statement({ Condition: undefined }), true],
    ["of this method", statement({ Condition: { ArnLike: { "AWS:SourceArn": called } } }), true],
    ["of another stage", statement({ Condition: { ArnLike: { "AWS:SourceArn": arn("abc123/prod/*/*") } } }), false],
    ["of another API", statement({ Condition: { ArnLike: { "AWS:SourceArn": arn("other1/*/*/*") } } }), false],
    ["of another service", statement({ Principal: { Service: "events.amazonaws.com" } }), false],
    ["of another function", statement({ Resource: `${FUNCTION_ARN}-2` }), false],
    ["of another action", statement({ Action: "lambda:GetFunction" }), false],
    ["that denies", statement({ Effect: "Deny" }), false],
    [
      "under a condition that is not known",
      statement({ Condition: { Bool: { "aws:SecureTransport": "true" } } }),
      false,
    ],
    ["under another key", statement({ Condition: { StringLike: { "aws:SourceAccount": "*" } } }), false],
    ["of nobody", undefined, false],
  ])("%s", (_, policy, allowed) => {
    expect(mayInvoke(policy, FUNCTION_ARN, called)).toBe(allowed);
  });
});

describe("a function", () => {
  const POLICY = JSON.stringify({
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "apigateway.amazonaws.com" },
        Action: "lambda:InvokeFunction",
        Resource: FUNCTION_ARN,
        Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:execute-api:eu-west-1:123456789012:abc123/dev/*/*" } },
      },
    ],
  });
  let invoke: jest.Mock;
  let policyReads: number;
  let now: number;
  const backend = (policy: string | undefined = POLICY) => {
    const send = async (command: unknown) => {
      expect(command).toBeInstanceOf(GetPolicyCommand);
      policyReads += 1;
      if (policy === "") throw new ResourceNotFoundException({ message: "", $metadata: {} });
      return { Policy: policy };
    };
    const running = { invoke, recycle: async () => {}, stop: async () => {} };
    return new FunctionBackend(FUNCTION_ARN, { send } as unknown as LambdaClient, running, () => now);
  };
  beforeEach(() => {
    invoke = jest.fn(async () => ({ statusCode: 200, body: "{}" }));
    policyReads = 0;
    now = 0;
  });

  it("answers with its status, headers and body", async () => {
    invoke.mockResolvedValue({
      statusCode: "418",
      headers: { "X-A": 1 },
      multiValueHeaders: { "Set-Cookie": ["a", "b"] },
      body: btoa("hello"),
      isBase64Encoded: true,
    });
    const answer = await backend().answer(requestOf());
    expect({ ...answer, body: answer.body.toString() }).toEqual({
      status: 418,
      headers: { "content-type": "application/json", "x-a": "1", "set-cookie": ["a", "b"] },
      body: "hello",
    });
  });

  it.each([
    ["throws", async () => Promise.reject(new FunctionFailedError("secret detail")), "backendFault"],
    ["takes too long", async () => Promise.reject(new FunctionTimeoutError("secret detail")), "backendTimeout"],
    ["answers without a status", async () => ({ body: "x" }), "backendFault"],
    ["answers with an object as its body", async () => ({ statusCode: 200, body: {} }), "backendFault"],
    ["answers with nothing", async () => null, "backendFault"],
  ])("that %s", async (_, implementation, answer) => {
    invoke.mockImplementation(implementation);
    expect(await failure(() => backend().answer(requestOf()))).toBe(answer);
  });

  it.each([
    ["has no permission for the API", "{}"],
    ["has no policy at all", ""],
  ])("that %s is not invoked", async (_, policy) => {
    expect(await failure(() => backend(policy).answer(requestOf()))).toBe("gatewayFault");
    expect(invoke).not.toHaveBeenCalled();
  });

  it("is not invoked for another stage than its permission names", async () => {
    const stage = { ...STAGE, name: "prod" };
    expect(await failure(() => backend().answer(requestOf({ stage })))).toBe("gatewayFault");
  });

  it("has its policy read once a second", async () => {
    const one = backend();
    await one.answer(requestOf());
    now = 999;
    await one.answer(requestOf());
    expect(policyReads).toBe(1);
    now = 1000;
    await one.answer(requestOf());
    expect(policyReads).toBe(2);
  });

  it("never gets an event above Lambda's limit", async () => {
    const body = Buffer.alloc(6 * 1024 * 1024 + 1, "x");
    expect(await failure(() => backend().answer(requestOf({ body })))).toBe("requestTooLarge");
    expect(invoke).not.toHaveBeenCalled();
  });
});
