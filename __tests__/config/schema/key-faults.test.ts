import { LOG_RETENTION_DAYS } from "../../../config/schema/aws-rules";
import {
  type Case,
  FOUNDATION,
  foundation,
  key,
  SECRET,
  SERVERS,
  server,
  servers,
  testFaults,
} from "../support/fault-cases";
import { devDirectory, faultsOf, loadOne } from "../support/load";

const TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms";
const ROLE = "arn:aws:iam::123456789012:role/terraform";

const keysAndTypes: readonly Case[] = [
  [
    "an unknown key, with the nearest known one",
    foundation('projectName = "x"'),
    {
      file: FOUNDATION,
      at: "3:1",
      key: "projectName",
      value: "x",
      message: /not a key/,
      remedy: /did you mean project_name\?/,
    },
  ],
  [
    "an unknown key of a server",
    server('s3_permission = "full"'),
    {
      file: SERVERS,
      at: "5:1",
      key: key("s3_permission"),
      value: "full",
      message: /not a key/,
      remedy: /s3_permissions\?/,
    },
  ],
  [
    "an unknown key with no known one near",
    foundation("zzzzzz = 1"),
    { file: FOUNDATION, key: "zzzzzz", value: 1, message: /not a key/, remedy: /the keys are environment, aws_region/ },
  ],
  [
    "a key of the other file",
    foundation("adopt_module_state = true"),
    {
      file: FOUNDATION,
      key: "adopt_module_state",
      value: true,
      message: /not a key/,
      remedy: /move it to servers\.tfvars/,
    },
  ],
  [
    "a server's key outside of it",
    servers("", 's3_path_prefix = "a/"'),
    { file: SERVERS, key: "s3_path_prefix", value: "a/", message: /not a key/, remedy: /into an entry of servers/ },
  ],
  [
    "a missing key",
    { "foundation.tfvars": 'environment = "dev"\n' },
    { file: FOUNDATION, key: "aws_region", message: /is missing/, remedy: /add it: AWS region/ },
  ],
  [
    "a required key that is null",
    { "servers.tfvars": 'environment = null\naws_region = "eu-west-1"' },
    { file: SERVERS, at: "1:1", key: "environment", message: /is missing/, remedy: /add it/ },
  ],
  [
    "a list for a string",
    foundation('project_name = ["x"]'),
    {
      file: FOUNDATION,
      key: "project_name",
      value: ["x"],
      message: /is a list, not a string/,
      remedy: /double quotes/,
    },
  ],
  [
    "a word for a number",
    server('max_session_duration = "1h"'),
    {
      file: SERVERS,
      key: key("max_session_duration"),
      value: "1h",
      message: /a string, not a number/,
      remedy: /number/,
    },
  ],
  [
    "a word for a boolean",
    foundation('create_s3_bucket = "True"'),
    { file: FOUNDATION, key: "create_s3_bucket", value: "True", message: /not true or false/, remedy: /true or false/ },
  ],
  [
    "a number for a boolean, which Terraform does not convert",
    foundation("create_s3_bucket = 1"),
    { file: FOUNDATION, key: "create_s3_bucket", value: 1, message: /a number, not true or false/, remedy: /true/ },
  ],
  [
    "what is no topic's ARN",
    foundation('alarm_topic_arn = "alarms"'),
    {
      file: FOUNDATION,
      key: "alarm_topic_arn",
      value: "alarms",
      message: /not the ARN of an SNS topic/,
      remedy: /whole/,
    },
  ],
  [
    "a topic of another region",
    foundation('alarm_topic_arn = "arn:aws:sns:us-east-1:123456789012:alarms"'),
    {
      file: FOUNDATION,
      key: "alarm_topic_arn",
      value: "arn:aws:sns:us-east-1:123456789012:alarms",
      message: /is a topic in us-east-1, and alarms in eu-west-1/,
      remedy: /a topic in eu-west-1/,
    },
  ],
  [
    "what is no role among those that write to the tables",
    foundation(`alarm_topic_arn = "${TOPIC}"\nalarm_table_writers = ["${ROLE}", "${ROLE}-*"]`),
    {
      file: FOUNDATION,
      key: "alarm_table_writers",
      value: [ROLE, `${ROLE}-*`],
      message: /holds "arn:aws:iam::123456789012:role\/terraform-\*", which is not the ARN of an IAM role/,
      remedy: /write it whole/,
    },
  ],
  [
    "those who write to the tables, and no topic",
    foundation(`alarm_table_writers = ["${ROLE}"]`),
    {
      file: FOUNDATION,
      key: "alarm_table_writers",
      value: [ROLE],
      message: /without alarm_topic_arn/,
      remedy: /topic/,
    },
  ],
  [
    "a list for the map of servers",
    { "servers.tfvars": 'environment = "dev"\naws_region = "eu-west-1"\nservers = []\n' },
    { file: SERVERS, key: "servers", value: [], message: /is a list, not a map/, remedy: /name = value/ },
  ],
  [
    "a string for a server",
    servers('a = "a/"'),
    { file: SERVERS, at: "4:1", key: 'servers["a"]', value: "a/", message: /not an object/, remedy: /s3_path_prefix/ },
  ],
  [
    "null for a server",
    servers("a = null"),
    { file: SERVERS, key: 'servers["a"]', value: null, message: /not an object/, remedy: /braces/ },
  ],
  [
    "a tag that is a list",
    server("tags = { t = [1] }"),
    {
      file: SERVERS,
      at: "5:10",
      key: 'servers["a"].tags["t"]',
      value: [1],
      message: /list, not a string/,
      remedy: /quotes/,
    },
  ],
  [
    "a permission that is none",
    server('s3_permissions = "readwrite"'),
    {
      file: SERVERS,
      key: key("s3_permissions"),
      value: "readwrite",
      message: /"write", "read", "read-write", "full"/,
      remedy: /did you mean "read-write"\?/,
    },
  ],
  [
    "a way to package that is none",
    foundation('lambda_package = "docker"'),
    {
      file: FOUNDATION,
      key: "lambda_package",
      value: "docker",
      message: /not one of/,
      remedy: /choose one of "archive", "asset"/,
    },
  ],
];

const ranges: readonly Case[] = [
  ...(
    [
      ["max_session_duration", 899],
      ["max_session_duration", 3601],
      ["max_session_duration", 43200],
      ["max_session_duration", 900.5],
      ["access_token_validity_minutes", 4],
      ["access_token_validity_minutes", 1441],
    ] as const
  ).map(
    ([name, value]): Case => [
      `${name} = ${value}`,
      server(`${name} = ${value}`),
      {
        file: SERVERS,
        at: "5:1",
        key: key(name),
        value,
        message: /whole number from/,
        remedy: /AWS caps|Cognito allows/,
      },
    ],
  ),
  ...(
    [
      ["bucket_expiration_days", -1],
      ["abort_incomplete_multipart_upload_days", 1.5],
      ["lambda_memory_mb", 127],
      ["lambda_memory_mb", 10241],
      ["api_throttling_burst_limit", 0],
      ["api_throttling_rate_limit", 0],
      ["log_retention_days", 31],
    ] as const
  ).map(
    ([name, value]): Case => [
      `${name} = ${value}`,
      foundation(`${name} = ${value}`),
      { file: FOUNDATION, at: "3:1", key: name, value, message: /is not/, remedy: /write|choose/ },
    ],
  ),
];

const numbers: readonly Case[] = ["1e400", "-1e400", '"1e400"'].map((number) => [
  `${number}, which no number here can hold`,
  foundation(`api_throttling_rate_limit = ${number}`),
  { file: FOUNDATION, at: "3:1", key: "api_throttling_rate_limit", message: /beyond all bounds/, remedy: /smaller/ },
]);
describe("numbers beyond all bounds", () =>
  testFaults([
    ...numbers,
    [
      "as a text",
      server("tags = { t = 1e400 }"),
      { file: SERVERS, key: 'servers["a"].tags["t"]', message: /beyond all bounds/, remedy: /smaller/ },
    ],
  ]));

const lost: readonly Case[] = [
  [
    "a server called __proto__",
    servers('"__proto__" = { s3_path_prefix = "a/" }'),
    { file: SERVERS, at: "4:1", key: 'servers["__proto__"]', message: /JavaScript keeps/, remedy: /rename/ },
  ],
  [
    "a tag called __proto__",
    server('tags = { "__proto__" = "x" }'),
    { file: SERVERS, at: "5:10", key: 'servers["a"].tags["__proto__"]', message: /JavaScript keeps/, remedy: /rename/ },
  ],
  [
    "a server called __proto__ in JSON",
    {
      "servers.tfvars": null,
      "servers.tfvars.json": '{"environment": "dev", "aws_region": "eu-west-1", "servers": {\n"__proto__": {}}}',
    },
    { file: `${SERVERS}.json`, at: "2:1", key: 'servers["__proto__"]', message: /JavaScript keeps/, remedy: /rename/ },
  ],
  [
    "a prefix with the marker of cdktf's tokens",
    servers('a = { s3_path_prefix = "TfToken[x]/" }'),
    { file: SERVERS, at: "4:7", key: key("s3_path_prefix"), value: "TfToken[x]/", message: /cdktf/, remedy: /another/ },
  ],
  [
    "a tag with it",
    server('tags = { t = "TfToken[TOKEN.0]" }'),
    { file: SERVERS, key: 'servers["a"].tags["t"]', message: /cdktf/, remedy: /another/ },
  ],
  [
    "a tag's name with it",
    servers("", 'common_tags = { "TfToken[TOKEN.0]" = "x" }'),
    { file: SERVERS, at: "6:17", key: 'common_tags["TfToken[TOKEN.0]"]', message: /cdktf/, remedy: /another/ },
  ],
  [
    "a server's name with it",
    servers('"TfToken[TOKEN.0]" = { s3_path_prefix = "a/" }'),
    { file: SERVERS, key: 'servers["TfToken[TOKEN.0]"]', message: /cdktf/, remedy: /another/ },
  ],
  [
    "an identifier with it",
    foundation('resource_server_identifier = "TfToken[TOKEN.0]"'),
    { file: FOUNDATION, key: "resource_server_identifier", message: /cdktf/, remedy: /another/ },
  ],
];
describe("what would be lost on the way to Terraform", () => testFaults(lost));

const SECRETS_ELSEWHERE: readonly Case[] = ['"hunter2"', '"hunter2${x}"', '["hunter2"]'].flatMap((value): Case[] => [
  [
    `secret_key = ${value} in a variable file`,
    foundation(`secret_key = ${value}`),
    { file: FOUNDATION, key: "secret_key", message: /./, remedy: /./ },
  ],
  [
    `secret_key = ${value} of a server`,
    server(`secret_key = ${value}`),
    { file: SERVERS, key: key("secret_key"), message: /./, remedy: /./ },
  ],
]);
describe("secrets in the wrong file are not shown", () => {
  for (const [title, replaced, expected] of SECRETS_ELSEWHERE) {
    it(title, async () => {
      const faults = await faultsOf(replaced);
      expect(faults.map(({ key }) => key)).toContain(expected.key);
      expect(JSON.stringify(faults)).not.toContain(SECRET);
    });
  }
});

describe("keys and types", () => testFaults(keysAndTypes));
describe("ranges", () => testFaults(ranges));

it("every retention that CloudWatch has is accepted", async () => {
  for (const days of LOG_RETENTION_DAYS) {
    expect(await loadOne(devDirectory(foundation(`log_retention_days = ${days}`)))).toHaveProperty("foundation");
  }
});
