import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const PROJECT = join(__dirname, "../../..");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oidc-s3-setup-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const TEST = `
it("is good", () => {});
it("swallows it", () => { try { require("node:child_process").spawn("true"); } catch {} });
it("sleeps", () => new Promise((resolve) => setTimeout(resolve, 150)));
it("is good as well", () => {});
afterAll(() => { try { require("node:net").connect(443, "192.0.2.1"); } catch {} });
`;

/** Runs these files as unit tests, one after the other in one process. */
function runUnitTests(files: Readonly<Record<string, string>>) {
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
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return spawnSync(
    process.execPath,
    [join(PROJECT, "node_modules/jest/bin/jest.js"), "--config", JSON.stringify(config), "--json", "--runInBand"],
    { encoding: "utf8", cwd: PROJECT },
  );
}

it("a test that breaks a rule fails, alone, and so does a file that breaks one outside of its tests", () => {
  const { stdout, stderr, status } = runUnitTests({ "broken.test.js": TEST });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining("Tests:       2 failed, 2 passed") });
  const [result] = JSON.parse(stdout).testResults;
  const outcomes = result.assertionResults.map((test: { title: string; status: string }) => [test.title, test.status]);
  expect(Object.fromEntries(outcomes)).toMatchObject({ "swallows it": "failed", sleeps: "failed" });
  expect(result.message).toMatch(/started a child process: true\.\s+Test: swallows it/);
  expect(result.message).toMatch(/waited for \d+ ms of real time; 50 are allowed\.\s+Test: sleeps/);
  expect(result.message).toMatch(/opened a socket to 192\.0\.2\.1/);
});

const leavesThingsBehind = (log: string) => `
const { AsyncLocalStorage } = require("node:async_hooks");
const fs = require("node:fs");
const os = require("node:os");
it("of the other file nothing is left", () => {
  expect(os.left?.enabled).not.toBe(true);
});
it("leaves things behind", () => {
  fs.writeFileSync(os.tmpdir() + "/left", "");
  fs.appendFileSync(${JSON.stringify(log)}, os.tmpdir() + "\\n");
  // Node.js's own modules are all that the files of a process share.
  os.left = new AsyncLocalStorage();
  os.left.run(1, () => {});
});
`;

it("a file has a temporary folder of its own, in memory on Linux, and leaves nothing behind", () => {
  const log = join(folder, "folders");
  const text = leavesThingsBehind(log);
  const { stderr, status } = runUnitTests({ "a.test.js": text, "b.test.js": text });
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining("4 passed") });
  const folders = readFileSync(log, "utf8").trim().split("\n");
  expect(new Set(folders).size).toBe(2);
  for (const used of folders) {
    expect(existsSync(used)).toBe(false);
    // A container may have little memory to give.
    expect(["/dev/shm", tmpdir()]).toContain(dirname(used));
  }
});
