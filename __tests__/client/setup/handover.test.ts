import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../../client/settings/settings";
import { parseSettingsFile } from "../../../client/settings/settings-file";
import { type HandoverOptions, handover } from "../../../client/setup/handover";

function configuration(prefix: string): Record<string, unknown> {
  return {
    cognito_domain: "oidc-s3-dev-123456789012",
    cognito_token_endpoint: "https://oidc-s3-dev-123456789012.auth.eu-west-1.amazoncognito.com/oauth2/token",
    cognito_client_id: `client${prefix.length}`,
    resource_server_identifier: "https://s3-uploader.dev.oidc-s3",
    allowed_scopes: ["https://s3-uploader.dev.oidc-s3/write"],
    credential_vending_api_url: "https://x.execute-api.eu-west-1.amazonaws.com/credentials",
    aws_region: "eu-west-1",
    s3_bucket: "uploads",
    s3_path_prefix: prefix,
  };
}
const CONFIGURATIONS = { "log-shipper": configuration("logs/"), "data.sync": configuration("sync/") };
const SECRETS = { "log-shipper": "secret-of-logs", "data.sync": "secret-of-sync" };
const PLAIN = { server_configurations: CONFIGURATIONS, server_secrets: SECRETS };
const TERRAFORM = {
  server_configurations: { sensitive: false, type: ["map", "string"], value: CONFIGURATIONS },
  server_secrets: { sensitive: true, type: ["map", "string"], value: SECRETS },
};

let folder: string;
let lines: string[];
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-handover-"));
  [lines, said] = [[], []];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name: string): string => join(folder, name);

function run(outputs: unknown, options: Partial<HandoverOptions>): void {
  handover({
    outputs: "-",
    to: path("out"),
    stdoutIsTerminal: false,
    readStdin: () => (typeof outputs === "string" ? outputs : JSON.stringify(outputs)),
    print: (line) => void lines.push(line),
    say: (message) => void said.push(message),
    ...options,
  });
}

it.each([
  ["terraform output -json", TERRAFORM],
  ["cdktf's outputs file", { "servers-dev": PLAIN }],
  ["cdktf's outputs file with another stack", { "foundation-dev": { bucket_name: "uploads" }, "servers-dev": PLAIN }],
  ["plain outputs", PLAIN],
])("%s gives one server's file, private, and the client reads it", (_name, outputs) => {
  const before = process.umask(0);
  try {
    run(outputs, { server: "log-shipper", to: path("one.env") });
  } finally {
    process.umask(before);
  }
  expect(statSync(path("one.env")).mode & 0o777).toBe(0o600);
  const settings = loadSettings({ env: {}, configFile: path("one.env"), defaultConfigFile: "/dev/null" });
  expect(settings).toMatchObject({ clientId: "client5", prefix: "logs/", bucket: "uploads", region: "eu-west-1" });
  expect(settings.clientSecret.reveal()).toBe("secret-of-logs");
  expect(readFileSync(path("one.env"), "utf8")).not.toContain("secret-of-sync");
  expect(lines.join() + said.join()).not.toContain("secret-of");
});

it("all servers go into a folder of this user alone, a file each", () => {
  const before = process.umask(0);
  try {
    run(TERRAFORM, {});
  } finally {
    process.umask(before);
  }
  expect(statSync(path("out")).mode & 0o777).toBe(0o700);
  expect(readdirSync(path("out")).sort()).toEqual(["data.sync.env", "log-shipper.env"]);
  for (const name of readdirSync(path("out"))) expect(statSync(join(path("out"), name)).mode & 0o777).toBe(0o600);
});

it("a folder that others can enter is refused, and nothing is written", () => {
  mkdirSync(path("out"));
  chmodSync(path("out"), 0o755);
  expect(() => run(TERRAFORM, {})).toThrow("not this user's alone");
  expect(readdirSync(path("out"))).toEqual([]);
});

it("outputs that others can read are reported", () => {
  writeFileSync(path("outputs.json"), JSON.stringify(PLAIN), { mode: 0o644 });
  run("", { outputs: path("outputs.json"), server: "log-shipper", to: path("one.env") });
  expect(said.join()).toContain("others can read it");
});

it("a pipe gets one server's file; a terminal does not get to show a secret", () => {
  run(PLAIN, { server: "log-shipper", to: "-" });
  expect(parseSettingsFile(lines.join("\n")).values.get("COGNITO_CLIENT_SECRET")?.value).toBe("secret-of-logs");
  expect(() => run(PLAIN, { server: "log-shipper", to: "-", stdoutIsTerminal: true })).toThrow(
    "not shown on a terminal",
  );
});

it("a token endpoint that is not the domain's own is handed over", () => {
  const local = { ...configuration("logs/"), cognito_token_endpoint: "http://127.0.0.1:1234/oauth2/token" };
  run({ server_configurations: { a: local }, server_secrets: { a: "x" } }, { server: "a", to: path("a.env") });
  expect(readFileSync(path("a.env"), "utf8")).toContain('COGNITO_TOKEN_ENDPOINT="http://127.0.0.1:1234/oauth2/token"');
});

describe("what is wrong is reported, without a secret in it, and nothing is written", () => {
  const { server_secrets: _, ...withoutSecrets } = PLAIN;
  const oneWithout = { ...PLAIN, server_secrets: { "log-shipper": "secret-of-logs" } };
  const evil = { server_configurations: { "../x": configuration("x/") }, server_secrets: { "../x": "secret-of-x" } };
  it.each<[string, unknown, string]>([
    ["no JSON", "secret-of-logs {", "not a JSON object"],
    ["the foundation's outputs", { "foundation-dev": { bucket_name: "x" } }, "no server_configurations"],
    ["secrets left out", withoutSecrets, "no server_secrets"],
    ["one secret missing", oneWithout, 'no secret for the server "data.sync"'],
    ["two environments", { "servers-a": PLAIN, "servers-b": PLAIN }, "of several stacks: servers-a, servers-b"],
    ["a name that leads elsewhere", evil, "not the name of a server"],
  ])("%s", (_name, outputs, message) => {
    let error: unknown;
    try {
      run(outputs, {});
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ message: expect.stringContaining(message), code: "usage" });
    expect(String((error as Error).message)).not.toContain("secret-of");
    expect(existsSync(path("out"))).toBe(false);
  });

  it("a server whose secret was rotated, and no other", () => {
    const rotated = { ...PLAIN, server_secrets: { ...SECRETS, "data.sync": "" } };
    expect(() => run(rotated, { server: "data.sync" })).toThrow('no secret for the server "data.sync"');
    expect(existsSync(path("out"))).toBe(false);
    run(rotated, { server: "log-shipper" });
    expect(readFileSync(path("out"), "utf8")).toContain("secret-of-logs");
  });

  it("an unknown server", () => {
    expect(() => run(PLAIN, { server: "nobody" })).toThrow('no server "nobody"');
  });
});
