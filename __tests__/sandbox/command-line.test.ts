import { parseCommandLine, UsageError } from "../../sandbox/command-line";

describe("the command line", () => {
  it.each([
    [[], {}],
    [["--once"], { once: true }],
    [["--verbose"], { verbose: true }],
    [["--once", "--json"], { once: true, json: true }],
    [["-h"], { help: true }],
  ])("%p", (args, expected) =>
    expect(parseCommandLine(args)).toEqual({ once: false, verbose: false, json: false, help: false, ...expected }),
  );

  it.each([[["--twice"]], [["once"]], [["--once=yes"]], [["--json", "--verbose"]], [["-x"]]])(
    "%p is refused",
    (args) => {
      expect(() => parseCommandLine(args)).toThrow(UsageError);
    },
  );
});
