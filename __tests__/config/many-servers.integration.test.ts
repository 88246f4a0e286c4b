import { configOf, faultsOf, serversFile } from "./support/load";

const COUNT = 5000;
// Some seconds here with other work beside it; what must not happen is quadratic time, which would be minutes.
const SANE_MILLISECONDS = 30_000;

const entry = (index: number, prefix: string) => `"server-${index}" = {
  s3_path_prefix = "${prefix}"
  s3_permissions = "${["write", "read", "read-write", "full"][index % 4]}"
  tags           = { Rack = "r${index % 40}" }
}`;
const entries = (prefixOf: (index: number) => string) =>
  Array.from({ length: COUNT }, (_, index) => entry(index, prefixOf(index))).join("\n");

it(
  "5,000 servers are read and checked",
  async () => {
    const { servers } = await configOf({ "servers.tfvars": serversFile(entries((index) => `data/server-${index}/`)) });
    expect(servers.servers).toHaveLength(COUNT);
    expect(servers.servers.map(({ name }) => name)).toEqual(servers.servers.map(({ name }) => name).sort());
  },
  SANE_MILLISECONDS,
);

it(
  "5,000 faults are found and placed",
  async () => {
    const servers = Object.fromEntries(
      Array.from({ length: COUNT }, (_, index) => [`server-${index}`, { s3_path_prefix: "same/" }]),
    );
    const faults = await faultsOf({
      "servers.tfvars": null,
      "servers.tfvars.json": JSON.stringify({ environment: "dev", aws_region: "eu-west-1", servers }, null, 2),
    });
    expect(faults).toHaveLength(COUNT - 1);
    const linesOfAServer = 3;
    expect(faults.at(-1)).toMatchObject({
      key: `servers["server-${COUNT - 1}"].s3_path_prefix`,
      line: 4 + (COUNT - 1) * linesOfAServer + 2,
      column: 7,
    });
  },
  SANE_MILLISECONDS,
);
