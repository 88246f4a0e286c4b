import { serviceAccessRequests } from "../../../sandbox/aws/service-request";
import { signerOf } from "../../../sandbox/aws/signer";

async function call(service: string, body: string, target?: string) {
  const request = { service, region: "eu-west-1", accountId: "123456789012", target, body };
  const requests = await serviceAccessRequests(request, async () => undefined);
  return requests?.map(({ action, resource }) => `${action} ${resource}`);
}

it.each<[string, string, string, string | undefined, string[] | undefined]>([
  [
    "an item of a table",
    "dynamodb",
    '{"TableName":"roles"}',
    "DynamoDB_20120810.GetItem",
    ["dynamodb:GetItem arn:aws:dynamodb:eu-west-1:123456789012:table/roles"],
  ],
  [
    "a table by its ARN",
    "dynamodb",
    '{"TableName":"arn:aws:dynamodb:eu-west-1:123456789012:table/roles"}',
    "DynamoDB_20120810.Scan",
    ["dynamodb:Scan arn:aws:dynamodb:eu-west-1:123456789012:table/roles"],
  ],
  [
    "items of several tables at once",
    "dynamodb",
    '{"RequestItems":{"roles":{"Keys":[]},"arn:aws:dynamodb:eu-west-1:123456789012:table/controls":{"Keys":[]}}}',
    "DynamoDB_20120810.BatchGetItem",
    [
      "dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:123456789012:table/roles",
      "dynamodb:BatchGetItem arn:aws:dynamodb:eu-west-1:123456789012:table/controls",
    ],
  ],
  ["no items at all", "dynamodb", '{"RequestItems":{}}', "DynamoDB_20120810.BatchGetItem", undefined],
  ["no table", "dynamodb", "{}", "DynamoDB_20120810.ListTables", undefined],
  ["no JSON", "dynamodb", "x", "DynamoDB_20120810.GetItem", undefined],
  ["a role", "sts", "Action=AssumeRole&RoleArn=arn%3Ax", undefined, ["sts:AssumeRole arn:x"]],
  [
    "a role with session tags",
    "sts",
    "Action=AssumeRole&RoleArn=arn%3Ax&Tags.member.1.Key=server",
    undefined,
    ["sts:AssumeRole arn:x", "sts:TagSession arn:x"],
  ],
  ["who it is", "sts", "Action=GetCallerIdentity", undefined, []],
  ["a federation token", "sts", "Action=GetFederationToken", undefined, undefined],
  ["another service", "iam", "Action=ListRoles", undefined, undefined],
])("a session that asks for %s", async (_, service, body, target, expected) => {
  expect(await call(service, body, target)).toEqual(expected);
});

describe("the signer of a request", () => {
  const scope = "ASIA1/20260101/eu-west-1/s3/aws4_request";
  it("in the header", () => {
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=x`,
      "x-amz-security-token": "token",
    };
    const expected = { accessKeyId: "ASIA1", service: "s3", sessionToken: "token" };
    expect(signerOf(headers, new URLSearchParams())).toEqual(expected);
  });
  it("in the query, of a presigned request", () => {
    const query = new URLSearchParams({ "X-Amz-Credential": scope, "X-Amz-Security-Token": "token" });
    expect(signerOf({}, query)).toEqual({ accessKeyId: "ASIA1", service: "s3", sessionToken: "token" });
  });
  it.each(["", "Bearer x", "AWS ASIA1:signature", "AWS4-HMAC-SHA256 Credential=ASIA1, Signature=x"])(
    "is nobody for %p",
    (authorization) => expect(signerOf({ authorization }, new URLSearchParams())).toBeUndefined(),
  );
});
