import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { loadSettings } from "../../../client/settings/settings";
import { parseSettingsFile } from "../../../client/settings/settings-file";
import { type ConfigureOptions, configure } from "../../../client/setup/configure";

const GIVEN = `export COGNITO_DOMAIN="oidc-s3-dev-1"
COGNITO_CLIENT_ID=abc
COGNITO_CLIENT_SECRET='the $ecret'
COGNITO_RESOURCE_SERVER="https://s3-uploader.dev.oidc-s3"
COGNITO_CREDENTIAL_API_URL="https://x.example.com/credentials"
AWS_REGION="eu-west-1"
`;

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-configure-"));
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (name = "config.env"): string => join(folder, name);

function run(options: Partial<ConfigureOptions>): Promise<void> {
  const print = () => {};
  const readStdin = () => GIVEN;
  const say = (text: string) => void said.push(text);
  return configure({ env: {}, console: undefined, readStdin, print, say, configFile: path(), ...options });
}

function values(file = path()): Record<string, string> {
  return Object.fromEntries(
    [...parseSettingsFile(readFileSync(file, "utf8")).values].map(([k, { value }]) => [k, value]),
  );
}

it("takes the settings from the standard input, and writes them for this user alone", async () => {
  await run({ from: "-", configFile: path("new/config.env") });
  expect(values(path("new/config.env"))).toMatchObject({
    COGNITO_DOMAIN: "oidc-s3-dev-1",
    COGNITO_CLIENT_SECRET: "the $ecret",
  });
  expect(statSync(path("new/config.env")).mode & 0o777).toBe(0o600);
  expect(said.join()).toContain("OIDC_S3_CONFIG");
});

it("another server's settings replace the old ones whole; what else is set there stays; a loose mode is tightened", async () => {
  writeFileSync(
    path(),
    'COGNITO_TOKEN_ENDPOINT="https://old.example.com/"\nS3_BUCKET=old\nHTTPS_PROXY=http://proxy:3128\n',
    { mode: 0o644 },
  );
  writeFileSync(path("given.env"), GIVEN, { mode: 0o644 });
  await run({ from: path("given.env") });
  expect(values()).toMatchObject({ HTTPS_PROXY: "http://proxy:3128", AWS_REGION: "eu-west-1" });
  expect(values()).not.toHaveProperty("COGNITO_TOKEN_ENDPOINT");
  expect(values()).not.toHaveProperty("S3_BUCKET");
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(said.join()).toContain("others can read it");
});

it("what is wrong is reported, and the old file stays", async () => {
  writeFileSync(path(), GIVEN);
  await expect(run({ from: "-", readStdin: () => GIVEN.replace("eu-west-1", "Ireland") })).rejects.toMatchObject({
    code: "settings",
    message: expect.stringContaining("AWS_REGION"),
  });
  await expect(run({ from: "-", readStdin: () => "the secret alone\n" })).rejects.toThrow("not understood: line 1");
  expect(readFileSync(path(), "utf8")).toBe(GIVEN);
});

it("what is wrong is blamed on the line that it stands in", async () => {
  writeFileSync(path("given.env"), GIVEN.replace("eu-west-1", "Ireland"), { mode: 0o600 });
  await expect(run({ from: path("given.env") })).rejects.toThrow(
    `AWS_REGION is "Ireland" (${path("given.env")}, line 6)`,
  );
  await expect(run({ from: "-", readStdin: () => GIVEN.replace("abc", "a b") })).rejects.toThrow(
    'COGNITO_CLIENT_ID is "a b" (the standard input, line 2)',
  );
  writeFileSync(path(), "# kept\nAWS_ENDPOINT_URL=http://minio.lan\n", { mode: 0o600 });
  await expect(run({ from: "-" })).rejects.toThrow(`AWS_ENDPOINT_URL is "http://minio.lan" (${path()}, line 2)`);
});

it("what is missing is looked for in what was given, and nowhere else", async () => {
  const given = GIVEN.replace("COGNITO_CLIENT_ID", "COGNITO_CLENT_ID");
  await expect(run({ from: "-", readStdin: () => given, env: { COGNITO_CLIENT_ID: "x" } })).rejects.toMatchObject({
    message:
      `missing: COGNITO_CLIENT_ID; looked in the standard input, ${path()}\n` +
      "the standard input, line 2: COGNITO_CLENT_ID is no setting: did you mean COGNITO_CLIENT_ID?",
    remedy: expect.stringContaining("Correct the names that are no settings"),
  });
});

it("nothing is written where others could exchange it, which would be refused when it is read", async () => {
  mkdirSync(path("shared"));
  chmodSync(path("shared"), 0o777);
  await expect(run({ from: "-", configFile: path("shared/config.env") })).rejects.toMatchObject({
    exitCode: 6,
    message: expect.stringMatching(/shared\/config\.env would not be used.*shared can be written by every user/),
    remedy: expect.stringMatching(/^chmod go-w .*, or name another file by --config$/),
  });
  expect(readdirSync(path("shared"))).toEqual([]);
});

it("folders that it makes are such that the file is read again, whatever the umask", async () => {
  const umask = process.umask(0);
  try {
    await run({ from: "-", configFile: path("new/below/config.env") });
  } finally {
    process.umask(umask);
  }
  expect(loadSettings({ env: {}, configFile: path("new/below/config.env") }).domain).toBe("oidc-s3-dev-1");
});

it("what is missing alone is to be added", async () => {
  const given = GIVEN.replace(/COGNITO_CLIENT_ID.*\n/, "");
  await expect(run({ from: "-", readStdin: () => given })).rejects.toMatchObject({
    remedy: expect.stringContaining("Add what is missing"),
  });
});

it("a file that is no settings file is named as what it is", async () => {
  await expect(run({ from: "-", readStdin: () => "COGNITO_DOMAIN: x\n" })).rejects.toThrow(
    "the standard input: not understood: line 1 (YAML)",
  );
  writeFileSync(path("utf16.env"), Buffer.from(`\ufeff${GIVEN}`, "utf16le"), { mode: 0o600 });
  await expect(run({ from: path("utf16.env") })).rejects.toThrow("utf16.env is in UTF-16 (save it as UTF-8)");
});

it("without a terminal nobody is asked", async () => {
  await expect(run({})).rejects.toMatchObject({ code: "usage", remedy: expect.stringContaining("--from") });
});

describe("on a terminal", () => {
  async function answer(lines: readonly string[]): Promise<string> {
    const input = new PassThrough();
    const output = new PassThrough();
    let seen = "";
    output.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
      // The next answer is typed when its question is there.
      if (/: $/.test(chunk.toString())) setImmediate(() => input.write(lines[asked++] ?? "\u0003"));
    });
    let asked = 0;
    await run({ console: { input, output } });
    return seen;
  }
  const ANSWERS = [
    "oidc-s3-dev-1\r",
    "eu-west-1\r",
    "abc\r",
    "typed-secret\r",
    "https://rs\r",
    "https://x.example.com/c\r",
    "\r",
    "logs/\r",
  ];

  it("asks for all settings and does not show the secret", async () => {
    const seen = await answer(ANSWERS);
    expect(values()).toMatchObject({
      COGNITO_CLIENT_SECRET: "typed-secret",
      S3_PATH_PREFIX: "logs/",
      IDP_TYPE: "cognito",
    });
    expect(seen).toContain("oidc-s3-dev-1");
    expect(seen).not.toContain("typed-secret");
  });

  it("keeps what is there on an empty answer, without showing the secret", async () => {
    writeFileSync(path(), GIVEN, { mode: 0o600 });
    const seen = await answer(Array.from({ length: 8 }, () => "\r"));
    expect(values()).toMatchObject({ COGNITO_CLIENT_ID: "abc", COGNITO_CLIENT_SECRET: "the $ecret" });
    expect(seen).not.toContain("the $ecret");
  });

  it("asks again where an answer is wrong", async () => {
    await answer([
      ...ANSWERS.slice(0, 1),
      "Ireland\r",
      ...ANSWERS.slice(2),
      "\r",
      "eu-west-1\r",
      ...Array.from({ length: 6 }, () => "\r"),
    ]);
    expect(said.join()).toContain('AWS_REGION is "Ireland" (your answer)');
    expect(values()).toMatchObject({ AWS_REGION: "eu-west-1" });
  });

  it("Ctrl-C leaves everything as it is", async () => {
    await expect(answer(["oidc-s3-dev-1\r", "\u0003"])).rejects.toMatchObject({ code: "interrupted" });
    expect(statSync(path(), { throwIfNoEntry: false })).toBeUndefined();
  });
});
