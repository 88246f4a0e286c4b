import { type Case, FOUNDATION, foundation, key, SERVERS, server, servers, testFaults } from "../support/fault-cases";
import { foundationFile, serversFile } from "../support/load";

const syntax: readonly Case[] = [
  [
    "HCL syntax, with line and column",
    { "foundation.tfvars": 'environment = "dev"\naws_region = \n' },
    { file: FOUNDATION, at: "2:14", message: /Invalid expression/, remedy: /correct it there/ },
  ],
  [
    "an argument that appears twice at the top",
    { "foundation.tfvars": foundationFile('environment = "dev"') },
    { file: FOUNDATION, at: "3:1", message: /dev\/foundation\.tfvars:1,1-12/, remedy: /correct it there/ },
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

const files: readonly Case[] = [
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
