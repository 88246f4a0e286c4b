const { basename } = require("node:path");
const Sequencer = require("@jest/test-sequencer").default;

/** Of the end-to-end suites, those that take longest, the longest first. Each run ends with what its suites took. */
const LONGEST = [
  "migration.test.ts",
  "loop.test.ts",
  "layers.test.ts",
  "migration-variants.test.ts",
  "stateful-resources.test.ts",
  "users.test.ts",
  "api.test.ts",
];

/**
 * Begins with what takes longest, so that no worker is left with it at the end. Jest knows that by itself, but on a clean
 * clone, where it takes the largest file for the slowest.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = path.includes("/e2e/") ? LONGEST.indexOf(basename(path)) : -1;
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
