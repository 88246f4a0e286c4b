import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packClient } from "../../build/client";
import { version } from "../../client/package.json";
import { version as projectVersion } from "../../package.json";

jest.setTimeout(60_000);

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-package-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

it("installs globally without a registry and runs by its name", async () => {
  const tarball = await packClient(folder);
  const prefix = join(folder, "prefix");
  // The cache is empty, so that nothing could be found in it either.
  const env = { ...process.env, npm_config_cache: join(folder, "cache") };
  execFileSync("npm", ["install", "--global", "--offline", "--no-audit", "--no-fund", "--prefix", prefix, tarball], {
    env,
    stdio: "pipe",
  });
  const run = execFileSync(join(prefix, "bin", "oidc-s3"), ["--version"], {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  expect(run.trim()).toBe(version);
  const notices = readFileSync(join(prefix, "lib/node_modules/oidc-s3/THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["@aws-sdk/client-s3", "commander", "https-proxy-agent"])
    expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
});

it("has the project's version", () => {
  expect(version).toBe(projectVersion);
});
