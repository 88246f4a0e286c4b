import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
    const synthesise: Cdktf["synthesise"] = async () => {
      runs.push(["synthesis"]);
      mkdirSync(join(folder, "cdktf.out"), { recursive: true });
      writeFileSync(join(folder, "cdktf.out", "manifest.json"), "{}");
    };
    const first: Cdktf = { output: join(folder, "cdktf.out"), synthesise, run, stop: async () => {} };
    const beside = { ...first, output: join(folder, "beside", "cdktf.out") };
    layers = new DeployedLayers({
      cdktfOf: (layer) => (layer === "beside" ? beside : first),
      config: { name: "local" } as unknown as UploaderEnvironment,
      folder,
      acceptedSecrets: () => [],
      awsEndpoint: "",
      identity: {} as Identity,
      progress: () => {},
      report: () => {},
    });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const commands = () => runs.map((args) => args.slice(0, 2).join(" "));

  it("are deployed in their order, and synthesised once", async () => {
    await Promise.all(layers.deployGroups([["one", "two", "three"]], undefined));
    expect(commands()).toEqual(["synthesis", "deploy one-local", "deploy two-local", "deploy three-local"]);
    expect(runs.slice(1).every((args) => args.includes("--skip-synth"))).toBe(true);
    expect(layers.outputsOf("one")).toEqual({ a: 1 });
  });

  it("are synthesised with those of other groups, which are deployed beside them from folders of their own", async () => {
    await Promise.all(layers.deployGroups([["one", "two"], ["beside"]], undefined));
    expect(commands()[0]).toBe("synthesis");
    expect(commands().slice(1).sort()).toEqual(["deploy beside-local", "deploy one-local", "deploy two-local"]);
    expect(existsSync(join(folder, "beside", "cdktf.out", "manifest.json"))).toBe(true);
  });

  it("are synthesised anew where one is deployed by itself: its files may have changed", async () => {
    await Promise.all(layers.deployGroups([["one", "two"]], undefined));
    await layers.deploy("two");
    expect(commands().slice(-2)).toEqual(["synthesis", "deploy two-local"]);
  });

  it("stop being deployed when the start is interrupted", async () => {
    const interruption = new AbortController();
    const [interrupted] = layers.deployGroups([["one", "two"]], interruption.signal);
    interruption.abort();
    await expect(interrupted).rejects.toThrow("aborted");
    expect(commands()).toEqual(["synthesis"]);
  });
});
