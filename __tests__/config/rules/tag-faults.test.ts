import { type Case, SERVERS, server, servers, testFaults } from "../support/fault-cases";

const tags: readonly Case[] = [
  [
    "a tag in AWS's own name",
    server('tags = { "aws:team" = "x" }'),
    { file: SERVERS, key: 'servers["a"].tags["aws:team"]', value: "x", message: /begins with aws:/, remedy: /rename/ },
  ],
  [
    "a tag key of 129 characters",
    servers("", `common_tags = { ${"k".repeat(129)} = "x" }`),
    { file: SERVERS, message: /key of 129 characters/, remedy: /128/ },
  ],
  [
    "a tag value of 257 characters",
    servers("", `common_tags = { k = "${"v".repeat(257)}" }`),
    { file: SERVERS, key: 'common_tags["k"]', message: /value of 257 characters/, remedy: /256/ },
  ],
  [
    "a tag value with characters that IAM does not allow",
    servers("", 'common_tags = { k = "a&b" }'),
    { file: SERVERS, at: "6:17", key: 'common_tags["k"]', value: "a&b", message: /does not allow/, remedy: /letters/ },
  ],
  [
    "a tag that differs from a built-in one by capitals alone",
    servers("", 'common_tags = { environment = "dev" }'),
    { file: SERVERS, key: 'common_tags["environment"]', message: /tag Environment/, remedy: /write Environment/ },
  ],
  [
    "a server's own tag Environment with another value",
    server('tags = { Environment = "Development" }'),
    {
      file: SERVERS,
      key: 'servers["a"].tags["Environment"]',
      value: "Development",
      message: /vending function may assume roles with Environment = "dev" alone/,
      remedy: /remove the tag/,
    },
  ],
  [
    "more than 50 tags on a role",
    servers("", `common_tags = {\n${Array.from({ length: 46 }, (_, n) => `t${n} = "x"`).join("\n")}\n}`),
    { file: SERVERS, at: "6:1", key: "common_tags", message: /51 tags/, remedy: /remove 1$/ },
  ],
];

describe("tags", () => testFaults(tags));
