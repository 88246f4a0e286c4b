import { spawnSync } from "node:child_process";
import { join } from "node:path";

const PROJECT = join(__dirname, "../..");

it.each([
  ["plan/main.ts", "Usage: npm run plan -- [options] <environment>"],
  ["bootstrap/main.ts", "Usage: npm run bootstrap -- [options] <environments...>"],
  ["scripts/check-aws.ts", "Usage: npm run check-aws -- [options] [environments...]"],
  ["scripts/rollback.ts", "Usage: npm run rollback -- [options] <environment> <layer>"],
])("%s says how it is called by npm", (program, usage) => {
  const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", program, "--help"], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  expect(stdout.split("\n")[0]).toBe(usage);
  expect(status).toBe(0);
});
