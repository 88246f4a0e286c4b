import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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

  it("shows its usage for a flag that it does not know", () => {
    expect(start("--twice")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/--twice[\s\S]*Usage: npm start/),
    });
  });

  it("says what the machine lacks, before anything is started", () => {
    const { status, stdout, stderr } = start("--once");
    expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
    expect(stderr).toMatch(
      /^ +0 s {2}starting an emulated AWS, .*\nTerraform \(terraform\) is not on PATH: .*\nThe AWS emulator \(moto_server\) is not on PATH: /,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith("oidc-s3"))).toEqual([]);
  });
});
