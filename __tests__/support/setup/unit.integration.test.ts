import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROJECT = join(__dirname, "../../..");
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-setup-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const TEST = `
it("is good", () => {});
it("swallows it", () => { try { require("node:child_process").spawn("true"); } catch {} });
it("sleeps", () => new Promise((resolve) => setTimeout(resolve, 150)));
it("is good as well", () => {});
afterAll(() => { try { require("node:net").connect(443, "192.0.2.1"); } catch {} });
`;

it("a test that breaks a rule fails, alone, and so does a file that breaks one outside of its tests", () => {
  const unit = require("../../../jest.config.js").projects.find(
    ({ displayName }: { displayName: string }) => displayName === "unit",
  );
  const config = {
    rootDir: folder,
    displayName: "unit",
    testMatch: ["<rootDir>/*.test.js"],
    transform: { "^.+\\.ts$": [require.resolve("@swc/jest"), unit.transform["^.+\\.ts$"][1]] },
    testEnvironment: unit.testEnvironment.replace("<rootDir>", PROJECT),
    setupFiles: unit.setupFiles.map((path: string) => path.replace("<rootDir>", PROJECT)),
  };
  writeFileSync(join(folder, "broken.test.js"), TEST);
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(PROJECT, "node_modules/jest/bin/jest.js"), "--config", JSON.stringify(config), "--json", "--runInBand"],
    { encoding: "utf8", cwd: PROJECT },
  );
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("Tests:       2 failed, 2 passed") });
  const [result] = JSON.parse(stdout).testResults;
  const outcomes = result.assertionResults.map((test: { title: string; status: string }) => [test.title, test.status]);
  expect(Object.fromEntries(outcomes)).toMatchObject({ "swallows it": "failed", sleeps: "failed" });
  expect(result.message).toMatch(/started a child process: true\.\s+Test: swallows it/);
  expect(result.message).toMatch(/waited for \d+ ms of real time; 50 are allowed\.\s+Test: sleeps/);
  expect(result.message).toMatch(/opened a socket to 192\.0\.2\.1/);
});
