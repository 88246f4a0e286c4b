import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectNode } from "../../build/executable";
import { makePackages } from "../../build/packages";
import { version } from "../../client/package.json";
import { BuiltClient } from "../client/support/built-client";
import { FakeServices } from "../client/support/fake-services";
import { sayNotTested } from "../support/prerequisites";

jest.setTimeout(180_000);

/** Compressed in haste: the test is about what is in them. */
const HASTE = { compressionLevel: 1 };

let folder: string;
let dist: string;
let names: string[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-packages-"));
  dist = join(folder, "dist");
  try {
    inspectNode();
  } catch (error) {
    sayNotTested(`No package was tested: ${(error as Error).message}`);
    return;
  }
  names = await makePackages(dist, ["exe"], HASTE);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether there are packages; if not, that was said. */
const made = (): boolean => names.length > 0;

it("their checksums are those that sha256sum finds, and what else is there keeps its own", async () => {
  if (!made()) return;
  execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
  await makePackages(dist, ["tgz"]);
  const [first, second, ...others] = readFileSync(join(dist, "SHA256SUMS"), "utf8").trimEnd().split("\n");
  expect(first).toMatch(new RegExp(`^[0-9a-f]{64}  oidc-s3-${version}-linux-(?:x64|arm64)\\.tar\\.gz$`));
  expect(second).toMatch(new RegExp(`^[0-9a-f]{64}  oidc-s3-${version}\\.tgz$`));
  expect(others).toEqual([]);
  execFileSync("sha256sum", ["--check", "--strict", "SHA256SUMS"], { cwd: dist, stdio: "pipe" });
});

describe("the executable", () => {
  const client = new BuiltClient();
  let services: FakeServices;
  let program: string;
  beforeAll(async () => {
    services = await new FakeServices().start();
    if (!made()) return;
    execFileSync("tar", ["--extract", "--gzip", "--file", join(dist, names[0] ?? ""), "--directory", folder]);
    program = join(folder, names[0]?.replace(/\.tar\.gz$/, "") ?? "", "oidc-s3");
  });
  afterAll(async () => {
    await services.stop();
    await client.remove();
  });

  /** With no Node.js on the path. */
  const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    client.startProgram(command, args, { PATH: "/nonexistent", HOME: folder, ...env }).ended;

  it("runs without Node.js, and says what the file oidc-s3.cjs says", async () => {
    if (!made()) return;
    expect(await run(program, ["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
    const other = await client.build();
    expect(await run(program, ["upload", "--help"])).toEqual(await other.run(["upload", "--help"], {}));
  });

  it("the profile that it writes starts it by itself, and gets credentials", async () => {
    if (!made()) return;
    const written = await run(program, ["profile"], services.environment);
    expect(written).toMatchObject({ code: 0 });
    const line = /^credential_process = (.+)$/m.exec(readFileSync(join(folder, ".aws/config"), "utf8"))?.[1];
    expect(line).toBe(`${program} get-credentials`);
    const answer = await run("/bin/sh", ["-c", line ?? ""], services.environment);
    expect(JSON.parse(answer.stdout)).toMatchObject({ AccessKeyId: "ASIAFAKE0001" });
    // The second one comes from the cache, which is the other of the two programs in it.
    expect(await run(program, ["get-credentials"], services.environment)).toEqual(answer);
    expect(services.vendingRequests).toHaveLength(1);
  });

  it("the licences of Node.js and of all packages are beside it", () => {
    if (!made()) return;
    const notices = readFileSync(join(program, "../THIRD-PARTY-LICENSES.txt"), "utf8");
    for (const name of ["Node.js is licensed for use", "OpenSSL", "commander 1", "https-proxy-agent"])
      expect(notices).toContain(name);
  });
});

it("the same sources give the same bytes", async () => {
  if (!made()) return;
  const again = join(folder, "again");
  mkdirSync(again);
  await makePackages(again, ["exe"], HASTE);
  for (const name of names) {
    const { status } = spawnSync("cmp", [join(dist, name), join(again, name)]);
    expect({ name, status }).toEqual({ name, status: 0 });
  }
});
