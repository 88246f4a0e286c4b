import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EnvironmentConfig, UploaderEnvironment } from "../../../config/schema/types";
import type { Layer } from "../../../layers";
import { DeployedLayers, deployGroups } from "../../../sandbox/cloud/deployed-layers";
import type { Identity } from "../../../sandbox/identity/mounted-identity";
import type { Cdktf } from "../../../sandbox/terraform/cdktf";

const layer = (name: string, ...reads: string[]) =>
  ({ name, reads: reads.map((each) => ({ layer: each, outputs: [] })) }) as unknown as Layer;
const environment = (...layers: string[]) =>
  ({ backends: Object.fromEntries(layers.map((name) => [name, {}])) }) as unknown as EnvironmentConfig;
const LAYERS = [layer("foundation"), layer("servers", "foundation"), layer("api"), layer("audit", "servers", "api")];

describe("groups of layers that are deployed beside each other", () => {
  it("have layers that read no state of another group's", () => {
    expect(deployGroups(environment("foundation", "servers", "api"), LAYERS)).toEqual([
      ["foundation", "servers"],
      ["api"],
    ]);
  });

  it("are one where a layer reads the states of both, in order", () => {
    expect(deployGroups(environment("foundation", "servers", "api", "audit"), LAYERS)).toEqual([
      ["foundation", "servers", "api", "audit"],
    ]);
  });

  it("have the environment's layers only", () => {
    expect(deployGroups(environment("foundation", "servers"), LAYERS)).toEqual([["foundation", "servers"]]);
  });
});

describe("layers of one group", () => {
  let folder: string;
  let runs: (readonly string[])[];
  let layers: DeployedLayers;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "oidc-s3-layers-"));
    runs = [];
    /** Deploys nothing, and writes the outputs' file. */
    const run: Cdktf["run"] = async (args) => {
      runs.push(args);
      writeFileSync(args[args.indexOf("--outputs-file") + 1] ?? "", JSON.stringify({ "one-local": { a: 1 } }));
      return { status: 0, output: "", logFile: "" };
    };
    layers = new DeployedLayers({
      cdktfOf: () => ({ output: folder, run, stop: async () => {} }),
      config: { name: "local" } as unknown as UploaderEnvironment,
      folder,
      awsEndpoint: "",
      identity: {} as Identity,
      progress: () => {},
      report: () => {},
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const commands = () => runs.map((args) => [args[0], args[1], args.includes("--skip-synth")]);

  it("are deployed in their order, and synthesised once", async () => {
    await layers.deployInTurn(["one", "two", "three"], undefined);
    expect(commands()).toEqual([
      ["deploy", "one-local", false],
      ["deploy", "two-local", true],
      ["deploy", "three-local", true],
    ]);
    expect(layers.outputsOf("one")).toEqual({ a: 1 });
  });

  it("are synthesised anew where one is deployed by itself: its files may have changed", async () => {
    await layers.deployInTurn(["one", "two"], undefined);
    await layers.deploy("two");
    expect(commands().at(-1)).toEqual(["deploy", "two-local", false]);
  });

  it("stop being deployed when the start is interrupted", async () => {
    const interruption = new AbortController();
    const interrupted = layers.deployInTurn(["one", "two"], interruption.signal);
    interruption.abort();
    await expect(interrupted).rejects.toThrow("aborted");
    expect(commands()).toHaveLength(1);
  });
});
