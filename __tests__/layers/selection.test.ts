import { LAYERS } from "../../layers";
import { selectEnvironments } from "../../layers/selection";

const NAMES = ["dev", "local", "prod"];
const FOLDER = "/somewhere/else";

describe("which environments are asked for", () => {
  it("all, where nothing says otherwise", () => {
    expect(selectEnvironments(NAMES, undefined, [], FOLDER, LAYERS)).toEqual({ synthesised: NAMES, required: NAMES });
    expect(selectEnvironments(NAMES, "", [], FOLDER, LAYERS)).toEqual({ synthesised: NAMES, required: NAMES });
    expect(selectEnvironments(NAMES, undefined, ["synth"], FOLDER, LAYERS)).toEqual({
      synthesised: NAMES,
      required: NAMES,
    });
  });

  it("those that the variable names, and no others", () => {
    expect(selectEnvironments(NAMES, "prod, dev", ["deploy", "foundation-local"], FOLDER, LAYERS)).toEqual({
      synthesised: ["dev", "prod"],
      required: ["dev", "prod"],
    });
  });

  it("a name without a folder is an error that says which there are, and where", () => {
    expect(() => selectEnvironments(NAMES, "dev,staging", [], FOLDER, LAYERS)).toThrow(
      "names staging, but /somewhere/else has only dev, local, prod",
    );
  });

  it.each([
    [["deploy", "servers-dev"], ["dev"]],
    [
      ["diff", "foundation-dev", "servers-prod"],
      ["dev", "prod"],
    ],
    [["deploy", "*-prod"], ["prod"]],
    [["deploy", "servers-?ev"], ["dev"]],
    [["deploy", "foundation-*"], NAMES],
    [["deploy", "servers-de"], NAMES],
    [["deploy", "servers.dev"], NAMES],
  ])("of %p faults count in %p, and nothing is left out", (commandLine, required) => {
    expect(selectEnvironments(NAMES, undefined, commandLine, FOLDER, LAYERS)).toEqual({ synthesised: NAMES, required });
  });
});
