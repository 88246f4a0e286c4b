const { costs } = require("./cost-reporter.js");

const suite = (project: string, name: string, milliseconds: number, tests: number) => ({
  project,
  name,
  milliseconds,
  tests,
});

it("the integration and end-to-end suites are listed by what they took, each project with its total", () => {
  const suites = [
    suite("integration", "quick", 940, 1),
    suite("unit", "a", 9000, 1),
    suite("integration", "slow", 12_340, 20),
    suite("e2e", "deploys", 60_000, 3),
    suite("e2e", "destroys", 61_000, 4),
  ];
  expect(costs(suites)).toBe(`
What the integration suites took, the slowest first:
    12.3 s     20 tests  slow
     0.9 s      1 test   quick
    13.3 s     21 tests  all 2 suites, one after the other

What the e2e suites took, the slowest first:
    61.0 s      4 tests  destroys
    60.0 s      3 tests  deploys
   121.0 s      7 tests  all 2 suites, one after the other
`);
});

it("a suite that runs alone has nobody to be compared with", () => {
  expect(costs([suite("integration", "alone", 5, 1), suite("unit", "a", 5, 1), suite("unit", "b", 5, 1)])).toBe("");
});
