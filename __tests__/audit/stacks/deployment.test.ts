import { ACCOUNT, Deployment, type Resource } from "../../../audit/stacks/deployment";

const stacks = new Map([
  [
    "foundation",
    {
      provider: { aws: [{ region: "eu-west-1", default_tags: [{ tags: { Environment: "dev" } }] }] },
      resource: {
        aws_iam_role: { one: { name: "one", path: "/uploads/" }, two: { name: "two" } },
        aws_s3_bucket: { b: { bucket: "b-${data.aws_caller_identity.current.account_id}" } },
        aws_dynamodb_table: { t: { name: "t" } },
        aws_lambda_function: { f: { function_name: "f" } },
        aws_cloudwatch_log_group: { l: { name: "/aws/lambda/f" } },
        aws_cognito_user_pool: { p: { name: "p" } },
        aws_sns_topic: { s: { name: "s" } },
      },
      output: { bucket: { value: "${aws_s3_bucket.b.arn}" }, count: { value: 1 } },
    },
  ],
  ["servers", { data: { aws_s3_bucket: { existing: { bucket: "kept" } } } }],
]);
const deployment = new Deployment(stacks);
const first = (type: string) => deployment.resources(type)[0] as Resource;
const filled = (text: string, layer = "foundation") => deployment.filledIn(text, layer);

it.each([
  ["aws_iam_role", `arn:aws:iam::${ACCOUNT}:role/uploads/one`],
  ["aws_s3_bucket", `arn:aws:s3:::b-${ACCOUNT}`],
  ["aws_dynamodb_table", `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/t`],
  ["aws_lambda_function", `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:f`],
  ["aws_cloudwatch_log_group", `arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/aws/lambda/f`],
  ["aws_cognito_user_pool", `arn:aws:cognito-idp:eu-west-1:${ACCOUNT}:userpool/aws_cognito_user_pool.p`],
])("gives the ARN that AWS would give a %s", (type, arn) => expect(deployment.arn(first(type))).toBe(arn));

it.each([
  ["an attribute that is written", "${aws_iam_role.two.name}", "two"],
  ["an ARN within a text", "a/${aws_iam_role.two.arn}/b", `a/arn:aws:iam::${ACCOUNT}:role/two/b`],
  ["an id, by a stand-in", "${aws_sns_topic.s.id}", "aws_sns_topic.s"],
  ["Terraform's escapes", "$${aws:username} %%{x}", "${aws:username} %{x}"],
  ["nothing", "$5 and 100%", "$5 and 100%"],
])("puts in %s", (_, text, value) => expect(filled(text)).toBe(value));

it("puts in another layer's output, and what a data source was asked for", () => {
  expect(filled("${data.terraform_remote_state.foundation.outputs.bucket}/*", "servers")).toBe(
    `arn:aws:s3:::b-${ACCOUNT}/*`,
  );
  expect(filled("${data.aws_s3_bucket.existing.arn}", "servers")).toBe("arn:aws:s3:::kept");
});

it.each([
  ["${aws_iam_role.none.arn}", "foundation"],
  ["${aws_iam_role.one.unique_id}", "foundation"],
  ["${aws_sns_topic.s.arn}", "foundation"],
  ["${aws_iam_role.one.arn}", "servers"],
  ["${data.terraform_remote_state.foundation.outputs.none}", "servers"],
  ["${data.terraform_remote_state.foundation.outputs.count}", "servers"],
  ["${null}", "foundation"],
  ['${upper("x")}', "foundation"],
])("does not guess %s in the layer %s", (text, layer) =>
  expect(() => filled(text, layer)).toThrow("whose value is not known before a deployment"),
);

it("knows the tags that the provider puts on everything, and no text where there is none", () => {
  expect(deployment.defaultTags("foundation")).toEqual({ Environment: "dev" });
  expect(deployment.defaultTags("servers")).toEqual({});
  expect(deployment.text(first("aws_iam_role"), "description")).toBeUndefined();
  expect(deployment.output("users", "role_arns")).toBeUndefined();
});
