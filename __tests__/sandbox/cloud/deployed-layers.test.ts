import type { EnvironmentConfig } from "../../../config/schema/types";
import type { Layer } from "../../../layers";
import { deployGroups } from "../../../sandbox/cloud/deployed-layers";

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
