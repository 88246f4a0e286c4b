import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Fault, formatFaults, loadEnvironments } from "../../config";
import { showValue } from "../../config/source/fault";
import { LAYERS } from "../../layers";
import { backendFile, devDirectory, faultsOf, foundationFile, serversFile } from "./support/load";
import { documentedFiles, temporaryDirectory } from "./support/temporary-environments";

it("all faults of all files come at once", async () => {
  const faults = await faultsOf({
    "backend.hcl": backendFile("use_lockfil = true"),
    "servers-backend.hcl": 'bucket = "x',
    "foundation.tfvars": foundationFile('project_name = "A"\nlambda_memory_mb = 1\nunknown = 1'),
    "servers.tfvars": serversFile(
      'a = { s3_path_prefix = "x", max_session_duration = 1 }\nb = { s3_path_prefix = "x", s3_permissions = "all" }\n"c d" = {}',
      'tfstate_bucket = "other"',
    ),
  });
  const seen = faults.map(({ file, key }) => `${file.split("/").at(-1)} ${key ?? "syntax"}`);
  expect(new Set(seen)).toEqual(
    new Set([
      "backend.hcl use_lockfil",
      "servers-backend.hcl syntax",
      "foundation.tfvars project_name",
      "foundation.tfvars lambda_memory_mb",
      "foundation.tfvars unknown",
      "servers.tfvars tfstate_bucket",
      'servers.tfvars servers["a"].s3_path_prefix',
      'servers.tfvars servers["a"].max_session_duration',
      // Said of b although another of its keys is wrong too: no slash, and the prefix of a.
      'servers.tfvars servers["b"].s3_path_prefix',
      'servers.tfvars servers["b"].s3_permissions',
      'servers.tfvars servers["c d"]',
      'servers.tfvars servers["c d"].s3_path_prefix',
    ]),
  );
  expect(faults.filter(({ key }) => key === 'servers["b"].s3_path_prefix').map(({ message }) => message)).toEqual([
    "does not end with /",
    'is the prefix of the server "a" too',
  ]);
});

describe("states in one place", () => {
  it("within an environment: both stacks are reported", async () => {
    const faults = await faultsOf({ "servers-backend.hcl": documentedFiles("dev")["dev/backend.hcl"] ?? "" });
    expect(faults).toMatchObject([
      {
        key: "key",
        line: 2,
        value: "dev/cognito-foundation/terraform.tfstate",
        message: expect.stringContaining("dev/servers-backend.hcl"),
      },
      { key: "key", line: 2, remedy: expect.stringContaining("a key of its own") },
    ]);
  });

  it("across environments: both are reported, and a third is not", async () => {
    const files = { ...documentedFiles("dev"), ...documentedFiles("test"), ...documentedFiles("prod") };
    files["test/servers-backend.hcl"] = files["prod/servers-backend.hcl"] ?? "";
    const loaded = await loadEnvironments(temporaryDirectory(files), LAYERS);
    expect(loaded.map((environment) => ("faults" in environment ? environment.faults.length : 0))).toEqual([0, 1, 1]);
    const [, prod] = loaded;
    expect(prod).toMatchObject({ faults: [{ message: expect.stringContaining("test/servers-backend.hcl") }] });
  });

  it("one key in two buckets is two places", async () => {
    const other = 'bucket = "other"\nkey = "dev/cognito-foundation/terraform.tfstate"\nregion = "eu-west-1"\n';
    const [loaded] = await loadEnvironments(devDirectory({ "servers-backend.hcl": other }), LAYERS);
    expect(loaded).toHaveProperty("config");
  });
});

describe("roles of one name", () => {
  const servers = (environment: string, name: string) =>
    `environment = "${environment}"\naws_region = "eu-west-1"\nservers = {\n${name} = { s3_path_prefix = "a/" }\n}\n`;
  const project = (environment: string, name: string) =>
    `environment = "${environment}"\naws_region = "eu-west-1"\nproject_name = "${name}"\n`;
  const two = (a: string, b: string) => ({ ...documentedFiles(a), ...documentedFiles(b) });

  it("servers of two environments: each is reported with the other", async () => {
    const files = two("dev", "dev-eu");
    files["dev/servers.tfvars"] = servers("dev", "EU-foo");
    files["dev-eu/servers.tfvars"] = servers("dev-eu", "foo");
    expect(await loadEnvironments(temporaryDirectory(files), LAYERS)).toMatchObject([
      {
        faults: [
          {
            key: 'servers["EU-foo"]',
            line: 4,
            message: expect.stringMatching(/"oidc-s3-cognito-dev-EU-foo".*: dev-eu$/),
          },
        ],
      },
      { faults: [{ key: 'servers["foo"]', line: 4, message: expect.stringMatching(/: dev$/) }] },
    ]);
  });

  it("the Lambdas of two projects", async () => {
    const files = two("b-c", "c");
    files["b-c/foundation.tfvars"] = project("b-c", "a");
    files["c/foundation.tfvars"] = project("c", "a-b");
    expect(await loadEnvironments(temporaryDirectory(files), LAYERS)).toMatchObject([
      { faults: [{ key: "project_name", line: 3, message: expect.stringContaining('"a-b-c-cred-vending"') }] },
      { faults: [{ key: "project_name", line: 3, message: expect.stringMatching(/: b-c$/) }] },
    ]);
  });

  it("are no clash where the states are in two buckets, as those of two accounts are", async () => {
    const files = two("b-c", "c");
    files["b-c/foundation.tfvars"] = project("b-c", "a");
    files["c/foundation.tfvars"] = project("c", "a-b");
    files["c/backend.hcl"] = files["c/backend.hcl"]?.replace("oidc-s3-uploader-tfstate", "theirs") ?? "";
    files["c/servers.tfvars"] = servers("c", "foo");
    const loaded = await loadEnvironments(temporaryDirectory(files), LAYERS);
    expect(loaded.map((environment) => "config" in environment)).toEqual([true, true]);
  });
});

it("a folder whose name no resource can have is a fault", async () => {
  const files = documentedFiles("Dev_1");
  const [loaded] = await loadEnvironments(temporaryDirectory(files), LAYERS);
  if (loaded === undefined || !("faults" in loaded)) throw new Error("the folder was accepted");
  expect(loaded.faults[0]).toMatchObject({
    message: expect.stringContaining('"Dev_1"'),
    remedy: expect.stringContaining("rename"),
  });
});

it("the report groups by file, aligns places, and shows key, value and remedy", () => {
  const faults: Fault[] = [
    { file: "/base/dev/a.tfvars", line: 3, column: 1, key: "x", value: "v\n", message: "is wrong", remedy: "right it" },
    { file: "/base/dev/a.tfvars", line: 12, column: 30, message: "bad syntax", remedy: "mend it" },
    { file: "/base/dev/b.tfvars", key: "y", message: "is missing", remedy: "add it" },
    { file: "/elsewhere/c", message: "is missing", remedy: "create it" },
  ];
  expect(formatFaults(faults, "/base")).toBe(`dev/a.tfvars
  3:1    x = "v\\n" is wrong
         → right it
  12:30  bad syntax
         → mend it

dev/b.tfvars
  -  y is missing
     → add it

/elsewhere/c
  -  is missing
     → create it`);
});

it("a long value is cut", () => {
  expect(showValue("x".repeat(1000))).toHaveLength(100);
  expect(showValue(undefined)).toBe("undefined");
  expect(showValue(Number.POSITIVE_INFINITY)).toBe("Infinity");
});

it("a file that is not UTF-8 is a fault", async () => {
  const directory = devDirectory();
  const file = join(directory, "dev", "servers.tfvars");
  writeFileSync(file, Buffer.from([0x61, 0xff, 0xfe]));
  expect(await loadEnvironments(directory, LAYERS)).toEqual([
    { name: "dev", faults: [{ file, message: "is not UTF-8 text", remedy: "save it as UTF-8" }] },
  ]);
});

it("a folder in a file's place is a fault", async () => {
  const directory = devDirectory({ "servers.tfvars": null });
  const file = join(directory, "dev", "servers.tfvars");
  mkdirSync(file);
  expect(await loadEnvironments(directory, LAYERS)).toMatchObject([
    { faults: [{ file, message: expect.stringMatching(/cannot be read: .*EISDIR/) }] },
  ]);
});

it("what was written without quotes is shown without them", async () => {
  const faults = await faultsOf({
    "foundation.tfvars": foundationFile('create_s3_bucket = yes\nproject_name = upper("x")'),
  });
  const text = formatFaults(faults);
  expect(text).toContain("create_s3_bucket = yes is an expression");
  expect(text).toContain('project_name = upper("x") is an expression');
});

it("of thousands of faults the first are shown, and the rest are counted", () => {
  const fault = (file: string, line: number): Fault => ({ file, line, message: "is wrong", remedy: "right it" });
  const many = Array.from({ length: 20_000 }, (_, index) => fault(`/base/${index % 10}`, index + 1));
  const text = formatFaults(many, "/base");
  expect(text.length).toBeLessThan(10_000);
  expect(text.match(/… and 1950 more in this file/g)).toHaveLength(4);
  expect(text).toMatch(/\n\n… and 12000 more in 6 other files$/);
  expect(formatFaults(many.slice(0, 20), "/base")).not.toContain("…");
});

it("a folder that must be renamed is not told to keep its name", async () => {
  const files = documentedFiles("dév");
  files["dév/foundation.tfvars"] = foundationFile();
  files["dév/servers.tfvars"] = serversFile("");
  const [loaded] = await loadEnvironments(temporaryDirectory(files), LAYERS);
  if (loaded === undefined || !("faults" in loaded)) throw new Error("the folder was accepted");
  expect(loaded.faults.map(({ remedy }) => remedy)).toEqual([expect.stringMatching(/^rename it/)]);
});

it("a link that leads nowhere is called that, whether to a file or to a folder", async () => {
  const directory = devDirectory({ "servers.tfvars": null });
  symlinkSync(join(directory, "gone"), join(directory, "dev", "servers.tfvars"));
  symlinkSync(join(directory, "gone"), join(directory, "prod"));
  const loaded = await loadEnvironments(directory, LAYERS);
  const fault = {
    message: expect.stringMatching(/link to something that does not exist/),
    remedy: expect.stringMatching(/^correct where the link leads/),
  };
  expect(loaded).toMatchObject([{ faults: [fault] }, { faults: [fault] }]);
});

describe("a key that is nowhere", () => {
  it("is reported with its file's name", async () => {
    const [fault] = await faultsOf({ "foundation.tfvars": 'environment = "dev"\n' });
    expect(fault).toMatchObject({ key: "aws_region", remedy: expect.stringMatching(/ \(in foundation\.tfvars\)$/) });
  });

  it("is reported at the key that asks for it", async () => {
    const [fault] = await faultsOf({ "foundation.tfvars": foundationFile("create_s3_bucket = false") });
    expect(fault).toMatchObject({ key: "existing_bucket_name", line: 3, column: 1 });
  });
});
