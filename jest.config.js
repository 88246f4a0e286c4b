const { availableParallelism } = require("node:os");

const transform = {
  "^.+\\.ts$": [
    "@swc/jest",
    { jsc: { target: "es2022", parser: { syntax: "typescript" } }, module: { type: "commonjs" } },
  ],
};
const shared = {
  transform,
  testEnvironment: "node",
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/dist"],
};

/** Unit tests run in seconds and touch no network; e2e tests use real Terraform, the real provider and the emulator. */
module.exports = {
  // Tests wait for child processes and timers more than for a processor.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  projects: [
    {
      ...shared,
      displayName: "unit",
      testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/__tests__/e2e/"],
    },
    {
      ...shared,
      displayName: "e2e",
      testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
      setupFilesAfterEnv: ["<rootDir>/__tests__/e2e/support/time-limit.ts"],
    },
  ],
};
