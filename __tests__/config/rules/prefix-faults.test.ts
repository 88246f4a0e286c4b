import { type Case, key, SERVERS, servers, testFaults } from "../support/fault-cases";
import { devDirectory, loadOne } from "../support/load";

const prefix = (text: string) => servers(`a = { s3_path_prefix = ${JSON.stringify(text)} }`);

const prefixes: readonly Case[] = [
  ...(
    [
      ["", /is empty/],
      ["/a/", /starts with/],
      ["a", /does not end with/],
      ["a/../b/", /holds \.\./],
      ["a//b/", /holds \/\//],
      ["a*/", /wildcard/],
      ["a?/", /wildcard/],
      ["a$/", /holds \$/],
      ["a\u0000/", /control character/],
      ["a\n/", /control character/],
      ["a\u007f/", /control character/],
      [`${"a".repeat(512)}/`, /513 bytes/],
      [`${"é".repeat(256)}/`, /513 bytes/],
    ] as const
  ).map(
    ([text, message]): Case => [
      `the prefix ${JSON.stringify(text.slice(0, 12))}`,
      prefix(text),
      { file: SERVERS, at: "4:7", key: key("s3_path_prefix"), value: text, message, remedy: /./ },
    ],
  ),
  [
    "an escaped template in a prefix",
    servers('a = { s3_path_prefix = "$${aws:username}/" }'),
    {
      file: SERVERS,
      key: key("s3_path_prefix"),
      value: "${aws:username}/",
      message: /holds \$/,
      remedy: /policy variable/,
    },
  ],
  [
    "two servers with one prefix",
    servers('a = { s3_path_prefix = "x/" }\nb = { s3_path_prefix = "x/" }'),
    {
      file: SERVERS,
      at: "5:7",
      key: 'servers["b"].s3_path_prefix',
      value: "x/",
      message: /server "a" too/,
      remedy: /shared_prefix = true in both/,
    },
  ],
  [
    "a prefix below another's",
    servers('b = { s3_path_prefix = "x/y/" }\na = { s3_path_prefix = "x/" }'),
    {
      file: SERVERS,
      at: "4:7",
      key: 'servers["b"].s3_path_prefix',
      value: "x/y/",
      message: /under the prefix "x\/" of the server "a"/,
      remedy: /folder of its own/,
    },
  ],
  [
    "a prefix that only one of the two shares",
    servers('a = { s3_path_prefix = "x/", shared_prefix = true }\nb = { s3_path_prefix = "x/" }'),
    { file: SERVERS, key: 'servers["b"].s3_path_prefix', message: /server "a" too/, remedy: /in both/ },
  ],
  [
    "a prefix whose session policy would be too long",
    servers(`a = { s3_path_prefix = "${"é".repeat(200)}/", s3_permissions = "full" }`),
    {
      file: SERVERS,
      key: key("s3_path_prefix"),
      message: /session policy of \d+ characters, and AWS allows 2048/,
      remedy: /shorten/,
    },
  ],
];

describe("prefixes", () => testFaults(prefixes));

it("servers that say so share a prefix, and one that does not stays apart", async () => {
  const shared =
    'a = { s3_path_prefix = "x/", shared_prefix = true }\nb = { s3_path_prefix = "x/y/", shared_prefix = true }';
  expect(await loadOne(devDirectory(servers(shared)))).toHaveProperty("foundation");
  expect(await loadOne(devDirectory(servers(`${shared}\nc = { s3_path_prefix = "x/y/z/" }`)))).toMatchObject([
    { key: 'servers["c"].s3_path_prefix' },
  ]);
});
