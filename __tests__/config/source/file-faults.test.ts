import { type Case, FOUNDATION, foundation, key, SERVERS, server, servers, testFaults } from "../support/fault-cases";
import { configOf, foundationFile, serversFile } from "../support/load";

const syntax: readonly Case[] = [
  [
    "HCL syntax, with line and column",
    { "foundation.tfvars": 'environment = "dev"\naws_region = \n' },
    { file: FOUNDATION, at: "2:14", message: /Invalid expression/, remedy: /correct it there/ },
  ],
  [
    "an argument that appears twice at the top",
    { "foundation.tfvars": foundationFile('environment = "dev"') },
    { file: FOUNDATION, at: "3:1", message: /dev\/foundation\.tfvars:1,1-12/, remedy: /remove one of the two/ },
  ],
  [
    "a server that appears twice, which Terraform would merge in silence",
    servers('  a = { s3_path_prefix = "a/" }\n  a = { s3_path_prefix = "b/" }'),
    { file: SERVERS, at: "5:3", key: 'servers["a"]', message: /appears twice/, remedy: /remove or rename/ },
  ],
  [
    "a function call",
    server('tags = { x = upper("x") }'),
    {
      file: SERVERS,
      at: "5:10",
      key: 'servers["a"].tags["x"]',
      value: '${upper("x")}',
      message: /is an expression/,
      remedy: /write its result/,
    },
  ],
  [
    "arithmetic",
    server("max_session_duration = 60 * 60"),
    { file: SERVERS, key: key("max_session_duration"), value: "${60 * 60}", message: /expression/, remedy: /result/ },
  ],
  [
    "a reference in a string",
    foundation('project_name = "x-${var.y}"'),
    { file: FOUNDATION, at: "3:1", key: "project_name", value: "x-${var.y}", message: /expression/, remedy: /\$\$\{/ },
  ],
  [
    "a block in place of an argument",
    { "servers.tfvars": 'environment = "dev"\naws_region = "eu-west-1"\ncommon_tags {\n  a = 1\n}\n' },
    { file: SERVERS, at: "3:1", key: "common_tags", message: /is a block/, remedy: /common_tags = \{/ },
  ],
];

const remedies: readonly Case[] = [
  [
    "servers without an equals sign",
    {
      "servers.tfvars":
        'environment = "dev"\naws_region = "eu-west-1"\nservers {\n  "a" = { s3_path_prefix = "a/" }\n}\n',
    },
    {
      file: SERVERS,
      at: "4:3",
      message: /must not be quoted/,
      remedy: /equals sign before the brace of line 3: servers = \{/,
    },
  ],
  [
    "a block of Terraform's, which has no place here: one remedy, and no equals sign",
    foundation('terraform {\n  backend "s3" {}\n}'),
    { file: FOUNDATION, at: "3:1", key: "terraform", message: /not a key/, remedy: /^remove it/ },
  ],
  [
    "single quotes",
    { "servers.tfvars": serversFile("a = {}").replace('"dev"', "'dev'") },
    { file: SERVERS, at: "1:15", message: /Single quotes/, remedy: /double quotes in place/ },
  ],
  [
    "two entries on one line",
    { "servers.tfvars": serversFile("a = {} b = {}") },
    { file: SERVERS, message: /separator/, remedy: /comma/ },
  ],
  [
    "yes for true",
    foundation("create_s3_bucket = yes"),
    { file: FOUNDATION, at: "3:1", key: "create_s3_bucket", message: /expression/, remedy: /write true or false/ },
  ],
  [
    "a word without quotes",
    foundation("project_name = backup"),
    { file: FOUNDATION, key: "project_name", message: /expression/, remedy: /in double quotes/ },
  ],
];

const keysInParentheses: readonly Case[] = [
  [
    "a fault below one is at its own line",
    servers('("a1") = { s3_path_prefix = "a/" }\n( "b"\n) = {\n s3_path_prefix = "b" }'),
    { file: SERVERS, at: "7:2", key: 'servers["b"].s3_path_prefix', message: /does not end/, remedy: /./ },
  ],
  [
    "a reference is an expression, at its own line",
    servers('a = { s3_path_prefix = "a/" }\n(x) = { s3_path_prefix = "b/" }'),
    { file: SERVERS, at: "5:1", key: 'servers["${(x)}"]', message: /expression/, remedy: /./ },
  ],
  [
    "one that appears twice",
    servers('a = { s3_path_prefix = "a/" }\n("a") = { s3_path_prefix = "b/" }'),
    { file: SERVERS, at: "5:1", key: 'servers["a"]', message: /appears twice/, remedy: /./ },
  ],
];

const files: readonly Case[] = [
  ...["terraform.tfvars", "x.auto.tfvars", "x.auto.tfvars.json", "main.tf", "main.tf.json"].map(
    (name): Case => [
      `${name}, which Terraform would read`,
      { [name]: "" },
      { file: `dev/${name}`, message: /counts for nothing here/, remedy: /remove it/ },
    ],
  ),
  [
    "a missing file",
    { "servers.tfvars": null },
    { file: SERVERS, message: /is missing/, remedy: /servers\.tfvars\.json/ },
  ],
  [
    "a misspelt file",
    { "servers.tfvars": null, "server.tfvars": serversFile("") },
    { file: SERVERS, message: /is missing/, remedy: /rename server\.tfvars/ },
  ],
  [
    "a .tfvars beside its .tfvars.json",
    { "servers.tfvars.json": "{}" },
    { file: `${SERVERS}.json`, message: /exists beside servers\.tfvars/, remedy: /remove one/ },
  ],
  [
    "JSON syntax, with line and column",
    { "servers.tfvars": null, "servers.tfvars.json": '{\n  "environment": "dev",\n  "aws_region": x\n}' },
    { file: `${SERVERS}.json`, at: "3:17", message: /JSON/, remedy: /no comments/ },
  ],
  [
    "JSON that ends early",
    { "servers.tfvars": null, "servers.tfvars.json": '{\n  "environment": {' },
    { file: `${SERVERS}.json`, at: "2:19", message: /JSON/, remedy: /no comments/ },
  ],
  [
    "a key that appears twice in JSON",
    {
      "servers.tfvars": null,
      "servers.tfvars.json":
        '{"environment": "dev", "aws_region": "eu-west-1", "servers": {\n"a": {"s3_path_prefix": "a/"},\n"a": {"s3_path_prefix": "b/"}}}',
    },
    { file: `${SERVERS}.json`, at: "3:1", key: 'servers["a"]', message: /appears twice/, remedy: /remove or rename/ },
  ],
  [
    "JSON that is no object",
    { "servers.tfvars": null, "servers.tfvars.json": "[]" },
    { file: `${SERVERS}.json`, at: "1:1", message: /not a JSON object/, remedy: /begin it/ },
  ],
];

describe("syntax", () => testFaults(syntax));
describe("files", () => testFaults(files));
describe("remedies of syntax", () => testFaults(remedies));
describe("keys in parentheses", () => testFaults(keysInParentheses));

it("a key in parentheses is the text in them", async () => {
  const { servers: config } = await configOf(
    servers('("a1") = { ("s3_path_prefix") = "a/" }\nb = { s3_path_prefix = "b/" }'),
  );
  expect(config.servers.map(({ name, s3PathPrefix }) => [name, s3PathPrefix])).toEqual([
    ["a1", "a/"],
    ["b", "b/"],
  ]);
});
