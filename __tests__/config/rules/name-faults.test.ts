import { type Case, FOUNDATION, foundation, SERVERS, servers, testFaults } from "../support/fault-cases";
import { devDirectory, faultsOf, loadOne } from "../support/load";

const names: readonly Case[] = [
  [
    "an environment that is not the folder's name",
    { "foundation.tfvars": 'environment = "prod"\naws_region = "eu-west-1"' },
    { file: FOUNDATION, at: "1:1", key: "environment", value: "prod", message: /"dev"/, remedy: /environment = "dev"/ },
  ],
  [
    "the same in servers.tfvars",
    { "servers.tfvars": 'environment = "prod"\naws_region = "eu-west-1"' },
    { file: SERVERS, at: "1:1", key: "environment", value: "prod", message: /"dev"/, remedy: /environment = "dev"/ },
  ],
  [
    "a region that is none",
    {
      "foundation.tfvars": 'environment = "dev"\naws_region = "Ireland"',
      "servers.tfvars": null,
      "servers.tfvars.json": '{"environment": "dev", "aws_region": "eu-west-1"}',
    },
    { file: FOUNDATION, at: "2:1", key: "aws_region", value: "Ireland", message: /AWS region/, remedy: /eu-west-1/ },
  ],
  [
    "two regions in one environment",
    { "servers.tfvars": 'environment = "dev"\naws_region = "eu-west-2"' },
    { file: SERVERS, at: "2:1", key: "aws_region", value: "eu-west-2", message: /not "eu-west-1"/, remedy: /equal/ },
  ],
  [
    "a tfstate_bucket that is not the backend's",
    servers("", 'tfstate_bucket = "other"'),
    {
      file: SERVERS,
      key: "tfstate_bucket",
      value: "other",
      message: /not "oidc-s3-uploader-tfstate"/,
      remedy: /equal/,
    },
  ],
  [
    "a project name with capitals",
    foundation('project_name = "OidcS3"'),
    { file: FOUNDATION, key: "project_name", value: "OidcS3", message: /lower-case/, remedy: /rename/ },
  ],
  [
    "a project name that ends with a hyphen",
    foundation('project_name = "oidc-"'),
    { file: FOUNDATION, key: "project_name", value: "oidc-", message: /lower-case/, remedy: /rename/ },
  ],
  [
    "a project name with a word that Cognito keeps",
    foundation('project_name = "my-aws-upload"'),
    { file: FOUNDATION, key: "project_name", value: "my-aws-upload", message: /may not hold "aws"/, remedy: /rename/ },
  ],
  [
    "a project name that gives a bucket name of 64 characters",
    { ...foundation(`project_name = "${"p".repeat(44)}"`), ...servers("") },
    { file: FOUNDATION, key: "project_name", message: /a bucket of 64 characters/, remedy: /by 1$/ },
  ],
  [
    "a project name that gives a domain of 64 characters, where no bucket is made",
    {
      ...foundation(`project_name = "${"p".repeat(47)}"\ncreate_s3_bucket = false\nexisting_bucket_name = "theirs"`),
      ...servers(""),
    },
    { file: FOUNDATION, key: "project_name", message: /Cognito domain of 64 characters/, remedy: /by 1$/ },
  ],
  [
    "a resource server identifier with a space",
    foundation('resource_server_identifier = "a b"'),
    { file: FOUNDATION, key: "resource_server_identifier", value: "a b", message: /space/, remedy: /URL/ },
  ],
  [
    "a resource server identifier that leaves no room for its scopes",
    foundation(`resource_server_identifier = "${"i".repeat(250)}"`),
    { file: FOUNDATION, key: "resource_server_identifier", message: /250 characters/, remedy: /at most 249/ },
  ],
  [
    "no existing bucket's name where no bucket is made",
    foundation("create_s3_bucket = false"),
    {
      file: FOUNDATION,
      key: "existing_bucket_name",
      value: "",
      message: /create_s3_bucket is false/,
      remedy: /name the bucket/,
    },
  ],
  [
    "an ARN for a bucket's name",
    foundation('create_s3_bucket = false\nexisting_bucket_name = "arn:aws:s3:::theirs"'),
    { file: FOUNDATION, key: "existing_bucket_name", message: /not a bucket name/, remedy: /the name alone/ },
  ],
  [
    "a server's name with a space",
    servers('"a b" = { s3_path_prefix = "a/" }'),
    { file: SERVERS, at: "4:1", key: 'servers["a b"]', message: /A-Z/, remedy: /rename/ },
  ],
  [
    "a server's name with an at sign, which IAM allows and the session name's suffix needs",
    servers('"a@" = { s3_path_prefix = "a/" }'),
    { file: SERVERS, key: 'servers["a@"]', message: /A-Z/, remedy: /rename/ },
  ],
  [
    "an empty server's name",
    servers('"" = { s3_path_prefix = "a/" }'),
    { file: SERVERS, key: 'servers[""]', message: /empty/, remedy: /name the server/ },
  ],
  [
    "a server's name that gives a role name of 65 characters",
    servers(`${"n".repeat(45)} = { s3_path_prefix = "a/" }`),
    { file: SERVERS, at: "4:1", message: /65 characters/, remedy: /shorten it by 1/ },
  ],
  [
    "two names that give one Terraform address",
    servers('"a.b" = { s3_path_prefix = "a/" }\n"a_b" = { s3_path_prefix = "b/" }'),
    { file: SERVERS, at: "5:1", key: 'servers["a_b"]', message: /same Terraform address as "a\.b"/, remedy: /rename/ },
  ],
  [
    "two names that give one role, since IAM does not tell capitals apart",
    servers('"web" = { s3_path_prefix = "a/" }\n"Web" = { s3_path_prefix = "b/" }'),
    { file: SERVERS, at: "4:1", key: 'servers["web"]', message: /same role name as "Web"/, remedy: /capitals/ },
  ],
];

const otherPartitions = [
  "us-gov-west-1",
  "cn-north-1",
  "us-iso-east-1",
  "us-isob-east-1",
  "eu-isoe-west-1",
  "eusc-de-east-1",
];
describe("regions of other partitions", () =>
  testFaults(
    otherPartitions.map(
      (region): Case => [
        region,
        {
          "foundation.tfvars": `environment = "dev"\naws_region = "${region}"`,
          "servers.tfvars": null,
          "servers.tfvars.json": '{"environment": "dev", "aws_region": "eu-west-1"}',
        },
        {
          file: FOUNDATION,
          at: "2:1",
          key: "aws_region",
          value: region,
          message: /commercial/,
          remedy: /amazoncognito/,
        },
      ],
    ),
  ));

it("two names that clash in address and in role are reported for both at once", async () => {
  const entries = ["a.b", "A_b", "a_b"].map((name, index) => `"${name}" = { s3_path_prefix = "${index}/" }`);
  const faults = await faultsOf(servers(entries.join("\n")));
  expect(faults.map(({ key }) => key)).toEqual(['servers["a_b"]', 'servers["a_b"]']);
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('same Terraform address as "a.b"'),
    expect.stringContaining('same role name as "A_b"'),
  ]);
});

describe("names", () => testFaults(names));

it("the longest names that fit are accepted", async () => {
  const files = {
    ...foundation(`project_name = "${"p".repeat(42)}"`),
    ...servers(`${"n".repeat(64 - 42 - "-cognito-dev-".length)} = { s3_path_prefix = "${"a".repeat(511)}/" }`),
  };
  expect(await loadOne(devDirectory(files))).toHaveProperty("foundation");
});
