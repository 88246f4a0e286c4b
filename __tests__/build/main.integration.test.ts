import { spawnSync } from "node:child_process";
import { join } from "node:path";

const PROJECT = join(__dirname, "..", "..");

function run(...args: string[]) {
  const begun = spawnSync(process.execPath, ["--import", "tsx", "build/main.ts", ...args], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  return { code: begun.status, stdout: begun.stdout, stderr: begun.stderr };
}

jest.setTimeout(30_000);

it.each([
  [["--help"], "usage: npm run build\n"],
  [["-h"], "usage: npm run build\n"],
  [["pack-client", "--help"], "usage: npm run pack:client\n"],
  [["pack", "--help"], "usage: npm run pack -- [tgz] [exe] [deb] [rpm] [--node FILE]\n"],
])("%j tells how it is used, and builds nothing", (args, usage) => {
  const { code, stdout } = run(...args);
  expect(code).toBe(0);
  expect(stdout).toContain(usage);
  expect(stdout).not.toMatch(/\d kB/);
});

it.each([
  [["everything"], '"everything" is not known here\nusage: npm run build\n'],
  [["pack", "exe", "apk"], '"apk" is not known here\nusage: npm run pack -- '],
  [["pack", "--nod", "x"], "Unknown option '--nod'"],
])("%j is refused, and builds nothing", (args, words) => {
  expect(run(...args)).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(words) });
});
