// JavaScript, since jest loads reporters as they are.

/** Those of unit tests are too many and too short to be worth a line each. */
const PROJECTS = ["integration", "e2e"];

/**
 * What each suite took, the slowest first, and all of them together.
 * @param {readonly { name: string, project: string, milliseconds: number, tests: number }[]} suites
 * @returns {string} lines, or nothing where there is nothing to compare.
 */
function costs(suites) {
  return PROJECTS.map((project) => {
    const own = suites.filter((suite) => suite.project === project);
    if (own.length < 2) return "";
    const sum = (count) => own.reduce((total, suite) => total + count(suite), 0);
    const row = (milliseconds, tests, name) =>
      `${(milliseconds / 1000).toFixed(1).padStart(8)} s ${String(tests).padStart(6)} ${tests === 1 ? "test " : "tests"}  ${name}\n`;
    const rows = [...own]
      .sort((a, b) => b.milliseconds - a.milliseconds)
      .map(({ milliseconds, tests, name }) => row(milliseconds, tests, name));
    const total = row(
      sum(({ milliseconds }) => milliseconds),
      sum(({ tests }) => tests),
      `all ${own.length} suites, one after the other`,
    );
    return `\nWhat the ${project} suites took, the slowest first:\n${rows.join("")}${total}`;
  }).join("");
}

/** Prints at the end of a run of jest what its integration and end-to-end suites took. */
class CostReporter {
  onRunComplete(_contexts, { testResults }) {
    const text = costs(
      testResults.map(({ testFilePath, displayName, perfStats, numPassingTests, numFailingTests }) => ({
        name: testFilePath.replace(/^.*__tests__\//, ""),
        project: displayName?.name,
        milliseconds: perfStats.end - perfStats.start,
        tests: numPassingTests + numFailingTests,
      })),
    );
    process.stderr.write(text);
  }
}

module.exports = CostReporter;
module.exports.costs = costs;
