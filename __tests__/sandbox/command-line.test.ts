import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { environmentFile } from "../../sandbox/acceptance/settings-files";
import { parseCommandLine, UsageError } from "../../sandbox/command-line";
import { childEnvironment } from "../../sandbox/process/child-environment";
import { deploymentState } from "../../sandbox/terraform/deployment-state";

describe("the command line", () => {
  test.each([
    [[], { once: false, help: false }],
    [["--once"], { once: true, help: false }],
    [["-h"], { once: false, help: true }],
  ])("%p", (args, expected) => expect(parseCommandLine(args)).toEqual(expected));

  test.each([[["--twice"]], [["once"]], [["--once=yes"]], [["-x"]]])("%p is refused", (args) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
  });
});

describe("the program", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "oidc-s3-command-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function start(...args: string[]) {
    const main = join(__dirname, "../../sandbox/main.ts");
    const env = { PATH: folder, HOME: folder, TMPDIR: folder };
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", main, ...args], {
      encoding: "utf8",
      env,
    });
    return { status, stdout, stderr };
  }

  test("says how it is used, for a flag that it has not", () => {
    expect(start("--twice")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/--twice[\s\S]*Usage: npm start/),
    });
  });

  test("says what the machine lacks, before anything is started", () => {
    const { status, stdout, stderr } = start("--once");
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toMatch(
      /^Terraform \(terraform\) is not on PATH: .*\nThe AWS emulator \(moto_server\) is not on PATH: /,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith("oidc-s3"))).toEqual([]);
  });
});

describe("how far a deployment is", () => {
  test.each([
    ["", "synthesising", ""],
    ["Initializing the backend...", "initialising Terraform", ""],
    ["Initializing\nTerraform has been successfully initialized!", "planning", ""],
    ["successfully initialized\nPlan: 3 to add, 1 to change, 1 to destroy.", "applying", ", 0 of 5 resources done"],
    [
      "Plan: 2 to add, 0 to change, 0 to destroy.\na.b: Creating...\na.b: Creation complete after 0s",
      "applying",
      ", 1 of 2 resources done",
    ],
    ["Plan: 1 to add, 0 to change, 0 to destroy.\nApply complete! Resources: 1 added", "reading the outputs", ""],
  ])("%j", (output, step, detail) => expect(deploymentState(output)).toEqual({ step, detail }));
});

describe("a settings file", () => {
  test.each(["plain", "with space", "it's", '"$HOME" `id` \\', "päth/", "a;b", "", "*"])(
    "gives a shell the value %j as it is",
    (value) => {
      const script = `${environmentFile({ VALUE: value })}printf %s "$VALUE"`;
      expect(execFileSync("/bin/sh", ["-c", script], { encoding: "utf8" })).toBe(value);
    },
  );
});

describe("the environment of Terraform", () => {
  const parent = {
    PATH: "/bin",
    AWS_PROFILE: "production",
    AWS_SESSION_TOKEN: "token",
    AWS_ENDPOINT_URL_S3: "https://elsewhere",
    AWS_CA_BUNDLE: "/ca",
    TF_VAR_x: "1",
    TF_WORKSPACE: "w",
    TF_CLI_ARGS: "-lock=false",
    TF_CLI_CONFIG_FILE: "/user.rc",
    CDKTF_OUTDIR: "elsewhere",
    NO_PROXY: "corp",
  };
  const env = childEnvironment(parent, {
    awsEndpoint: "http://127.0.0.1:1",
    region: "eu-west-1",
    environmentName: "local",
    environmentsFolder: "/environments",
    folder: "/run",
    providerVariables: { TF_CLI_CONFIG_FILE: "/run/terraform.rc" },
  });

  test("holds nothing that could lead to another AWS", () => {
    expect(
      Object.keys(env).filter((name) => /^(AWS_PROFILE|AWS_SESSION|AWS_ENDPOINT_URL_|TF_VAR|TF_W|TF_CLI_A)/.test(name)),
    ).toEqual([]);
    expect(env).not.toHaveProperty("CDKTF_OUTDIR");
    expect(env).toMatchObject({
      AWS_ENDPOINT_URL: "http://127.0.0.1:1",
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
  });

  test("keeps what the machine needs, and uses the mirror's configuration", () => {
    expect(env).toMatchObject({
      PATH: "/bin",
      AWS_CA_BUNDLE: "/ca",
      TF_CLI_CONFIG_FILE: "/run/terraform.rc",
      NO_PROXY: "corp,127.0.0.1,localhost",
    });
  });
});
