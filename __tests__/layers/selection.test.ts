import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAYERS } from "../../layers";
import { cdktfArguments } from "../../layers/cdktf-arguments";
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

describe("the command line of the cdktf CLI", () => {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-cli-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const app = join(folder, "app.cjs");
  const selection = require.resolve("../../layers/cdktf-arguments.ts");
  writeFileSync(
    app,
    `const { cdktfArguments } = require(${JSON.stringify(selection)});
     console.log(JSON.stringify(cdktfArguments()));`,
  );

  /** What the app sees below a shell, as the cdktf CLI starts it, of a program with the arguments given. */
  function seenBelow(program: string, args: readonly string[]): unknown {
    // A command after the app's keeps the shell from becoming the app itself.
    const script = `node --import tsx "${app}"; exit $?`;
    return JSON.parse(spawnSync("sh", ["-c", script, program, ...args], { encoding: "utf8" }).stdout);
  }

  it("is found above the app, without its options", () => {
    const args = ["deploy", "--auto-approve", "foundation-dev", "servers-dev"];
    expect(seenBelow("/usr/bin/cdktf", args)).toEqual(["deploy", "foundation-dev", "servers-dev"]);
  });

  it("is nothing where another program started the app", () => {
    expect(seenBelow("make-a-plan", ["deploy", "foundation-dev"])).toEqual([]);
  });

  it("is nothing where the process is gone", () => {
    expect(cdktfArguments(2 ** 22 + 1)).toEqual([]);
  });
});
