import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { NODE_VERSIONS, nodeBinary, runningMajor } from "./node-binary";

// Runs the unit tests on every supported Node.js version but the one that runs this, which `npm run test:unit` is for.

const PROJECT = join(__dirname, "..");
const LIMIT_MS = 5 * 60_000;

allowClosedPipe();
const jest = [require.resolve("jest/bin/jest"), "--selectProjects=unit", ...process.argv.slice(2)];
for (const major of Object.keys(NODE_VERSIONS).map(Number)) {
  if (major === runningMajor) continue;
  const binary = nodeBinary(major);
  if (binary === undefined) continue;
  console.log(`\nUnit tests on Node.js ${NODE_VERSIONS[major]}`);
  const { status, error } = spawnSync(binary, jest, {
    cwd: PROJECT,
    env: { ...process.env, PATH: `${dirname(binary)}${delimiter}${process.env.PATH}` },
    stdio: "inherit",
    timeout: LIMIT_MS,
  });
  if (status === 0) continue;
  console.error(`The unit tests fail on Node.js ${NODE_VERSIONS[major]}. ${error?.message ?? ""}`);
  process.exitCode = 1;
}
