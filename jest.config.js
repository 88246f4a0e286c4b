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
const INTEGRATION = "\\.integration\\.test\\.ts$";
const LIGHTER_MODULES = "<rootDir>/__tests__/support/setup/lighter-modules.ts";
const E2E = "<rootDir>/__tests__/e2e/";

/**
 * Which project a test belongs to is in its name:
 * `X.test.ts` runs in process and waits for nothing, `X.integration.test.ts` starts processes, makes bundles or
 * synthesises whole environments, and what is in `__tests__/e2e/` uses real Terraform, the real provider and the emulator.
 */
module.exports = {
  // Tests wait for child processes and timers more than for a processor.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  testSequencer: "<rootDir>/__tests__/support/setup/longest-first.js",
  reporters: ["default", "<rootDir>/__tests__/support/setup/cost-reporter.js"],
  // What the unit tests alone reach, rounded down: raise these with it.
  coverageThreshold: { global: { statements: 82, branches: 90, functions: 90, lines: 82 } },
  coverageProvider: "v8",
  coverageDirectory: "dist/coverage",
  coverageReporters: ["text", "text-summary", "html"],
  collectCoverageFrom: [
    "{access,audit,bootstrap,build,client,config,constructs,cost,fleet,iam,lambda,layers,plan,sandbox,stacks,terminal,users}/**/*.ts",
    "main.ts",
  ],
  projects: [
    {
      ...shared,
      displayName: "unit",
      runtime: "<rootDir>/__tests__/support/setup/unit-runtime.js",
      testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", INTEGRATION, E2E],
      testEnvironment: "<rootDir>/__tests__/support/setup/unit-environment.ts",
      setupFiles: [LIGHTER_MODULES, "<rootDir>/__tests__/support/setup/unit.ts"],
    },
    {
      ...shared,
      displayName: "integration",
      testMatch: ["<rootDir>/__tests__/**/*.integration.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", E2E],
      setupFiles: [LIGHTER_MODULES],
      globalSetup: "<rootDir>/__tests__/support/setup/shared-bundles.ts",
      globalTeardown: "<rootDir>/__tests__/support/setup/remove-shared-bundles.ts",
    },
    {
      ...shared,
      displayName: "e2e",
      testMatch: ["<rootDir>/__tests__/e2e/**/*.test.ts"],
      globalSetup: "<rootDir>/__tests__/e2e/support/global-setup.ts",
      globalTeardown: "<rootDir>/__tests__/e2e/support/global-teardown.ts",
      setupFilesAfterEnv: ["<rootDir>/__tests__/e2e/support/time-limit.ts"],
    },
  ],
};
