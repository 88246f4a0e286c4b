import {
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSettings } from "../../../client/settings/settings";
import { add, remove } from "../../../client/setup/profile";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "oidc-s3-profile-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const SETTINGS = {
  COGNITO_DOMAIN: "oidc-s3-dev-123456789012",
  COGNITO_CLIENT_ID: "abc",
  COGNITO_CLIENT_SECRET: "the-secret-itself",
  COGNITO_RESOURCE_SERVER: "https://s3-uploader.dev.oidc-s3",
  COGNITO_CREDENTIAL_API_URL: "https://x.execute-api.eu-west-1.amazonaws.com/credentials",
  AWS_REGION: "eu-west-1",
};
const messages: string[] = [];

function run(
  what: "add" | "remove",
  env: Record<string, string> = {},
  program = ["/usr/bin/node", "/opt/oidc s3/oidc-s3.mjs"],
): void {
  const print = () => {};
  const common = {
    name: "oidc-s3",
    env: { HOME: home, ...env },
    print,
    say: (text: string) => void messages.push(text),
  };
  if (what === "remove") {
    remove(common);
    return;
  }
  const settings = loadSettings({ env: SETTINGS, defaultConfigFile: join(home, "none") });
  add({ ...common, settings, configFile: "/etc/oidc-s3/config.env", program });
}

const config = (): string => join(home, ".aws/config");

it("the profile names the program by its absolute path; no secret is in it; folder and file are private", () => {
  run("add");
  const text = readFileSync(config(), "utf8");
  expect(text).toContain(
    'credential_process = /usr/bin/node "/opt/oidc s3/oidc-s3.mjs" get-credentials --config /etc/oidc-s3/config.env\n',
  );
  expect(text).toContain("[profile oidc-s3]\n");
  expect(text).toContain("region = eu-west-1\n");
  expect(text).not.toContain("the-secret-itself");
  expect(statSync(config()).mode & 0o777).toBe(0o600);
  expect(statSync(join(home, ".aws")).mode & 0o777).toBe(0o700);
  run("remove");
  expect(existsSync(config())).toBe(false);
});

it("an executable that holds Node.js is named alone", () => {
  run("add", {}, ["/usr/bin/oidc-s3"]);
  const line = "credential_process = /usr/bin/oidc-s3 get-credentials --config /etc/oidc-s3/config.env\n";
  expect(readFileSync(config(), "utf8")).toContain(line);
});

it("AWS_CONFIG_FILE is followed; mode and link stay as they are", () => {
  const real = join(home, "dotfiles");
  const link = join(home, "link");
  const bytes = Buffer.from([0x5b, 0x78, 0x5d, 0x0d, 0x0a, 0xff, 0xfe]);
  writeFileSync(real, bytes, { mode: 0o640 });
  symlinkSync("dotfiles", link);
  run("add", { AWS_CONFIG_FILE: link });
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(statSync(real).mode & 0o777).toBe(0o640);
  expect(readFileSync(real).subarray(0, bytes.length).equals(bytes)).toBe(true);
  run("remove", { AWS_CONFIG_FILE: link });
  expect(readFileSync(real).equals(bytes)).toBe(true);
});

it.each([
  ["a link to a file of root's", (elsewhere: string) => symlinkSync(elsewhere, config())],
  ["a file of their own", () => writeFileSync(config(), "")],
  ["no file yet", () => {}],
])("root with another user's HOME changes nothing there, nor where it leads: %s", (_, make) => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-roots-"));
  const elsewhere = join(folder, "only-root-writes");
  writeFileSync(elsewhere, "PATH=/usr/bin\n", { mode: 0o600 });
  mkdirSync(join(home, ".aws"));
  make(elsewhere);
  const before = existsSync(config());
  // Whoever runs the test: this program is root, and the home is not.
  const uid = jest.spyOn(process, "getuid").mockReturnValue(0);
  if (statSync(home).uid === 0) for (const path of [home, join(home, ".aws")]) chownSync(path, 54321, 54321);
  try {
    for (const what of ["add", "remove"] as const) {
      expect(() => run(what)).toThrow(
        expect.objectContaining({
          exitCode: 6,
          message: expect.stringMatching(/not changed as root.*belongs to another user/),
          remedy: expect.stringMatching(/sudo -u USER/),
        }),
      );
    }
  } finally {
    uid.mockRestore();
  }
  expect(readFileSync(elsewhere, "utf8")).toBe("PATH=/usr/bin\n");
  expect(existsSync(config())).toBe(before);
  rmSync(folder, { recursive: true });
});

it("keys in the credentials file would win: that is refused", () => {
  const credentials = join(home, "credentials");
  writeFileSync(credentials, "[other]\n[oidc-s3]\naws_access_key_id = A\n");
  expect(() => run("add", { AWS_SHARED_CREDENTIALS_FILE: credentials })).toThrow("line 2, has keys for oidc-s3");
  expect(existsSync(config())).toBe(false);
});

it("settings that only this shell has are reported", () => {
  run("add");
  expect(messages.join()).toContain("COGNITO_CLIENT_SECRET");
});

it("what runs from its sources cannot be a profile", () => {
  expect(() => run("add", {}, ["/usr/bin/node", "/src/client/run.ts"])).toThrow("from its sources");
});
