import { parseCommandLine, UsageError } from "../../sandbox/command-line";

describe("the command line", () => {
  it.each([
    [[], { once: false, help: false }],
    [["--once"], { once: true, help: false }],
    [["-h"], { once: false, help: true }],
  ])("%p", (args, expected) => expect(parseCommandLine(args)).toEqual(expected));

  it.each([[["--twice"]], [["once"]], [["--once=yes"]], [["-x"]]])("%p is refused", (args) => {
    expect(() => parseCommandLine(args)).toThrow(UsageError);
  });
});
