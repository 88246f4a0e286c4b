import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cdktfArguments, terraformVersion } from "../../layers/cdktf-arguments";

describe("the command line of the cdktf CLI", () => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const app = join(folder, "app.cjs");
  const selection = require.resolve("../../layers/cdktf-arguments.ts");
  writeFileSync(
    app,
    `const { cdktfArguments } = require(${JSON.stringify(selection)});
     console.log(JSON.stringify(cdktfArguments()));`,
  );

  /** What the app sees below a shell, as the cdktf CLI starts it, of a program with the arguments given. */
  function seenBelow(program: string, args: readonly string[]): unknown {
    // A command after the app's keeps the shell from becoming the app itself.
    const script = `node --import tsx "${app}"; exit $?`;
    return JSON.parse(spawnSync("sh", ["-c", script, program, ...args], { encoding: "utf8" }).stdout);
  }

  it.each(["/usr/bin/cdktf", "cdktf.js", "/usr/bin/cdktn", "node_modules/cdktf-cli/bin/cdktn", "cdktn.cmd"])(
    "is found above the app, without its options, where it is %s",
    (program) => {
      const args = ["deploy", "--auto-approve", "foundation-dev", "servers-dev"];
      expect(seenBelow(program, args)).toEqual(["deploy", "foundation-dev", "servers-dev"]);
    },
  );

  it.each(["cdkt", "cdktf-cli", "acdktn"])("is nothing below %s", (program) => {
    expect(seenBelow(program, ["deploy", "foundation-dev"])).toEqual([]);
  });

  it("is nothing where another program started the app", () => {
    expect(seenBelow("make-a-plan", ["deploy", "foundation-dev"])).toEqual([]);
  });

  it("is nothing where the process is gone", () => {
    expect(cdktfArguments(2 ** 22 + 1)).toEqual([]);
  });
});

describe("the version of Terraform", () => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-terraform-"));
  const before = process.env.TERRAFORM_BINARY_NAME;
  afterEach(() => {
    if (before === undefined) delete process.env.TERRAFORM_BINARY_NAME;
    else process.env.TERRAFORM_BINARY_NAME = before;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is asked of the program that cdktf calls, whatever it says beside", () => {
    process.env.TERRAFORM_BINARY_NAME = join(folder, "terraform");
    const answer = `#!/bin/sh\necho warning >&2\n[ "$*" = "version -json" ] && echo '{"terraform_version": "1.9.8"}'\n`;
    writeFileSync(process.env.TERRAFORM_BINARY_NAME, answer, { mode: 0o755 });
    expect(terraformVersion()).toBe("1.9.8");
  });

  it("is not known where there is no such program", () => {
    process.env.TERRAFORM_BINARY_NAME = join(folder, "none");
    expect(terraformVersion()).toBeUndefined();
  });
});
