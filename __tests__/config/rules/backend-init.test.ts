import { checkBackend } from "../../../config/rules/backend";
import { parseFile } from "../../../config/source/parse-file";
import { BACKEND, backend, type Case, FOUNDATION, foundation, testFaults } from "../support/fault-cases";
import { backendFile, devDirectory, loadOne } from "../support/load";

// Each of these was tried with `terraform init` of Terraform 1.11, which refuses the first kind and takes the second.

const ROLE = 'role_arn = "arn:aws:iam::123456789012:role/state"';
const UUID = "12345678-1234-4234-8234-123456789012";
const assumeRole = (entry: string) => `assume_role = { ${ROLE}, ${entry} }`;
const location = (bucket: string, region: string) => ({
  "backend.hcl": `bucket = "${bucket}"\nkey = "x"\nregion = "${region}"\n`,
  "servers.tfvars": null,
  "servers.tfvars.json": '{"environment": "dev", "aws_region": "eu-west-1"}',
});

const refused = (
  [
    ['kms_key_id = "abc"', "kms_key_id", /KMS key/, /alias\/state/],
    ['kms_key_id = "alias/a b"', "kms_key_id", /KMS key/, /./],
    ['kms_key_id = "arn:aws:s3:::x"', "kms_key_id", /KMS key/, /./],
    ['kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/x"', "kms_key_id", /KMS key/, /./],
    ['retry_mode = "foo"', "retry_mode", /not one of "standard", "adaptive"/, /choose/],
    ['retry_mode = "Standard"', "retry_mode", /not one of/, /did you mean "standard"/],
    ['ec2_metadata_service_endpoint_mode = "ipv4"', "ec2_metadata_service_endpoint_mode", /not one of/, /"IPv4"/],
    [assumeRole('duration = "5m"'), "assume_role.duration", /STS allows/, /15 minutes to 12 hours/],
    [assumeRole('duration = "13h"'), "assume_role.duration", /STS allows/, /./],
    [assumeRole('duration = "3600"'), "assume_role.duration", /not a duration/, /1h30m/],
    [assumeRole('duration = "1x"'), "assume_role.duration", /not a duration/, /./],
    [assumeRole('session_name = "a b"'), "assume_role.session_name", /does not allow/, /letters/],
    [assumeRole('session_name = "a"'), "assume_role.session_name", /1 characters.* 2 to 64/, /longer/],
    [assumeRole(`session_name = "${"a".repeat(65)}"`), "assume_role.session_name", /65 characters/, /shorten/],
    [assumeRole('source_identity = "a b"'), "assume_role.source_identity", /does not allow/, /./],
    [assumeRole('external_id = "x"'), "assume_role.external_id", /2 to 1224/, /./],
    [assumeRole('policy = "x"'), "assume_role.policy", /JSON object/, /heredoc/],
    [assumeRole('policy_arns = ["x"]'), "assume_role.policy_arns", /"x", which is not the ARN/, /./],
    ['assume_role = { role_arn = "x" }', "assume_role.role_arn", /ARN of an IAM role/, /./],
    ['assume_role = { role_arn = "arn:aws:s3:::x" }', "assume_role.role_arn", /ARN of an IAM role/, /./],
    ["use_path_style = true\nforce_path_style = true", "force_path_style", /beside use_path_style/, /remove one/],
    ['endpoints = { s3 = "http://s3" }\nendpoint = "http://s3"', "endpoint", /beside endpoints\.s3/, /keep/],
    ['endpoints = { sts = "http://s" }\nsts_endpoint = "http://s"', "sts_endpoint", /beside endpoints\.sts/, /keep/],
    [
      'allowed_account_ids = ["123456789012"]\nforbidden_account_ids = ["123456789013"]',
      "forbidden_account_ids",
      /beside allowed_account_ids/,
      /remove one/,
    ],
  ] as const
).map(([lines, key, message, remedy]): Case => {
  const line = 3 + lines.split("\n").length;
  const column = key.includes(".") ? lines.lastIndexOf(key.split(".")[1] ?? "") + 1 : 1;
  return [lines, backend(lines), { file: BACKEND, at: `${line}:${column}`, key, message, remedy }];
});

const places: readonly Case[] = [
  ...(["mars-1", "eu-west-99", "eu-central-9"] as const).map(
    (region): Case => [
      `the region ${region} for the state`,
      location("states", region),
      { file: BACKEND, at: "3:1", key: "region", value: region, message: /region/, remedy: /skip_region_validation/ },
    ],
  ),
  [
    "the region eu-west-11 for an environment",
    {
      "foundation.tfvars": 'environment = "dev"\naws_region = "eu-west-11"\n',
      "servers.tfvars": 'environment = "dev"\naws_region = "eu-west-11"\n',
    },
    { file: FOUNDATION, at: "2:1", key: "aws_region", message: /known/, remedy: /"eu-west-1".*skip_region_validation/ },
  ],
  ...(
    [
      ["a b", /not a bucket name/],
      ["a", /not a bucket name/],
      ["192.168.1.1", /IP address/],
      ["xn--states", /"xn--"/],
      ["states--x-s3", /"--x-s3"/],
      ["States", /no bucket of eu-west-1/],
      ["my_states", /no bucket of eu-west-1/],
      ["a..b", /no bucket of eu-west-1/],
      ["a".repeat(64), /no bucket of eu-west-1/],
    ] as const
  ).flatMap(([bucket, message]): Case[] => [
    [
      `the bucket ${bucket} for the state`,
      location(bucket, "eu-west-1"),
      { file: BACKEND, at: "1:1", key: "bucket", value: bucket, message, remedy: /./ },
    ],
    [
      `the bucket ${bucket} for uploads`,
      foundation(`create_s3_bucket = false\nexisting_bucket_name = "${bucket}"`),
      { file: FOUNDATION, at: "4:1", key: "existing_bucket_name", value: bucket, message, remedy: /./ },
    ],
  ]),
];

describe("what terraform init would refuse", () => testFaults(refused));
describe("places that cannot be", () => testFaults(places));

it.each([
  ["kms_key_id", `kms_key_id = "${UUID}"`],
  ["an alias's ARN", 'kms_key_id = "arn:aws:kms:eu-west-1:123456789012:alias/state"'],
  ["a multi-region key", `kms_key_id = "mrk-${"1".repeat(32)}"`],
  ["a duration of two units", assumeRole('duration = "1h30m"')],
  ["every character of a session's name", assumeRole('session_name = "a_b+c=,.@-"')],
  ["endpoint beside an endpoints without s3", 'endpoint = "http://s3"\nendpoints = { sts = "http://sts" }'],
  ["a null beside", "use_path_style = true\nforce_path_style = null"],
  ["the adaptive mode", 'retry_mode = "adaptive"'],
  ["an old name in us-east-1", null, location("My_States", "us-east-1")],
  ["a name of another store", null, location("My_States", 'eu-west-1"\nendpoints = { s3 = "http://store" }\n#')],
  ["an access point's alias", null, location("states-abc-s3alias", "eu-west-1")],
  ["an unknown region, on purpose", null, location("states", 'eu-west-11"\nskip_region_validation = true\n#')],
])("%s is accepted", async (_title, lines, files: Readonly<Record<string, string | null>> = backend(lines ?? "")) => {
  expect(await loadOne(devDirectory(files))).toHaveProperty("foundation");
});

it("an environment may be in a region that is newer than the list, where it says so", async () => {
  const region = 'environment = "dev"\naws_region = "eu-west-11"\n';
  const files = { "foundation.tfvars": `${region}skip_region_validation = true\n`, "servers.tfvars": region };
  expect(await loadOne(devDirectory(files))).toMatchObject({ foundation: { skipRegionValidation: true } });
});

describe("arguments that Terraform 1.10 took out", () => {
  const faultsOn = async (version: string | undefined, lines: string) => {
    const { source } = await parseFile("backend.hcl", Buffer.from(backendFile(lines)));
    if (source === undefined) throw new Error("the file was not parsed");
    return checkBackend(
      source,
      () => undefined,
      () => version,
    ).faults;
  };

  it.each(["1.10.0", "1.11.4", "2.0.0"])("are refused at their lines for Terraform %s", async (version) => {
    expect(
      await faultsOn(version, `${ROLE}\nassume_role_duration_seconds = 900\nuse_legacy_workflow = true`),
    ).toMatchObject([
      {
        line: 4,
        key: "role_arn",
        message: expect.stringContaining(version),
        remedy: expect.stringContaining("assume_role = { role_arn = … }"),
      },
      { line: 5, key: "assume_role_duration_seconds", remedy: expect.stringContaining("duration") },
      { line: 6, key: "use_legacy_workflow", remedy: "remove it" },
    ]);
  });

  it.each(["1.5.7", "1.9.8", undefined])("are accepted for Terraform %s", async (version) => {
    expect(await faultsOn(version, ROLE)).toEqual([]);
  });
});
