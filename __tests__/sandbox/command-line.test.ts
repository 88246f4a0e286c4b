import { parseCommandLine, UsageError } from "../../sandbox/command-line";

describe("the command line", () => {
  it.each([
    [[], {}],
    [["--once"], { once: true }],
    [["--verbose"], { verbose: true }],
    [["--once", "--json"], { once: true, json: true }],
    [["--only", "servers"], { only: "servers" }],
    [["--once", "--only=api"], { once: true, only: "api" }],
    [["--only", "users"], { only: "users" }],
    [["-h"], { help: true }],
  ])("%p", (args, expected) =>
    expect(parseCommandLine(args)).toEqual({
      once: false,
      only: undefined,
      verbose: false,
      json: false,
      help: false,
      ...expected,
    }),
  );

  it.each([[["--twice"]], [["once"]], [["--once=yes"]], [["--json", "--verbose"]], [["-x"]], [["--only"]]])(
    "%p is refused",
    (args) => {
      expect(() => parseCommandLine(args)).toThrow(UsageError);
    },
  );

  it("names the parts that there are", () => {
    expect(() => parseCommandLine(["--only", "server"])).toThrow(
      new UsageError("--only server: there is no such part, only servers, api, users"),
    );
  });
});
