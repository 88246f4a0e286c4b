import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { stateResources } from "../../bootstrap/state-resources";
import { type EnvironmentConfig, loadEnvironments, requireEnvironment } from "../../config";
import { LAYERS, layersOf, stackName } from "../../layers";
import { selectEnvironments } from "../../layers/selection";
import { layersToPlan, parseArguments } from "../../plan/main";
import { type PlannedLayer, planEnvironment } from "../../plan/plan-environment";
import { summarise } from "../../plan/summary";
import { asText } from "../../plan/text";
import { deployList } from "../../sandbox/cloud/deployed-layers";
import { expectedStacks } from "../../scripts/check-synth";
import { configurationTables, withTables } from "../../scripts/configuration-tables";
import { devDirectory } from "../config/support/load";
import { change, plan } from "../plan/plan-json";
import { directoryWithToy, REQUIRED, toyLayer, WITH_TOY } from "./support/toy-layer";

const configOf = (directory: string): Promise<EnvironmentConfig> => requireEnvironment(directory, "dev", WITH_TOY);
const bucketNames = (config: EnvironmentConfig) => stateResources([config]).map(({ name }) => name);

describe("every layer of the list", () => {
  it("has a name and files of its own", () => {
    const names = WITH_TOY.map(({ name }) => name);
    const files = WITH_TOY.flatMap(({ backendFile, variablesFile }) => [backendFile, variablesFile]);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(files).size).toBe(files.length);
    // A hyphen would let two layers of two environments give one stack's name.
    for (const name of names) expect(name).toMatch(/^[a-z]+$/);
  });

  it("reads only layers that are deployed before it", () => {
    WITH_TOY.forEach(({ reads }, index) => {
      const before = WITH_TOY.slice(0, index).map(({ name }) => name);
      for (const { layer } of reads) expect(before).toContain(layer);
    });
  });
});

describe("an optional layer without its files", () => {
  it("is in no list, and changes nothing for the other layers", async () => {
    const directory = devDirectory();
    const config = await configOf(directory);
    expect(config).toEqual(await requireEnvironment(directory, "dev", LAYERS));
    expect(config.optional).toEqual({});
    expect(layersOf(config, WITH_TOY)).toEqual(REQUIRED);
    expect(bucketNames(config)).not.toContain("toy-states");
    expect(deployList(config, WITH_TOY)).toEqual(["foundation", "servers"]);
    expect(expectedStacks(directory, WITH_TOY).map(({ name }) => name)).toEqual(["foundation-dev", "servers-dev"]);
  });

  it("cannot be planned by itself, and is not planned with the others", () => {
    const files = readdirSync(join(devDirectory(), "dev"));
    expect(layersToPlan("dev", WITH_TOY, files, WITH_TOY)).toEqual(REQUIRED);
    expect(() => layersToPlan("dev", [toyLayer], files, WITH_TOY)).toThrow(
      "dev has no layer toy, which toy.tfvars there would",
    );
  });
});

describe("an optional layer with its files", () => {
  it("is checked, with what it needs to know of the layer that it reads", async () => {
    const config = await configOf(directoryWithToy());
    expect(config.optional).toEqual({ toy: { project: "oidc-s3", balls: 2 } });
    expect(config.backends.toy).toMatchObject({ bucket: "toy-states", key: "dev/toy" });
    expect(layersOf(config, WITH_TOY)).toEqual([...REQUIRED, toyLayer]);
  });

  it("does not stand alone, for it reads another layer", async () => {
    const others = ["backend.hcl", "foundation.tfvars", "servers-backend.hcl", "servers.tfvars"];
    const directory = directoryWithToy(Object.fromEntries(others.map((name) => [name, null])));
    await expect(configOf(directory)).rejects.toThrow(/foundation\.tfvars[\s\S]*is missing/);
  });

  it("may have JSON variables", async () => {
    const config = await configOf(
      directoryWithToy({ "toy.tfvars": null, "toy.tfvars.json": '{"environment": "dev", "balls": 3}' }),
    );
    expect(config.optional.toy).toMatchObject({ balls: 3 });
  });

  it("is selected by its stack's name", () => {
    const select = (layers: typeof LAYERS) => selectEnvironments(["dev", "prod"], undefined, ["toy-dev"], "", layers);
    expect(select(WITH_TOY).required).toEqual(["dev"]);
    expect(select(LAYERS).required).toEqual(["dev", "prod"]);
  });

  it("is bootstrapped, deployed in the sandbox, and expected of a synthesis", async () => {
    const directory = directoryWithToy();
    const config = await configOf(directory);
    expect(bucketNames(config)).toContain("toy-states");
    expect(deployList(config, WITH_TOY)).toEqual(["foundation", "servers", "toy"]);
    expect(expectedStacks(directory, WITH_TOY).map(({ name }) => name)).toContain("toy-dev");
  });

  it("is documented, each key in its table", () => {
    expect(configurationTables(WITH_TOY).files).toMatch(/`toy\.tfvars` .*a few balls; without this file/);
    expect(withTables("<!-- table: toy.tfvars --><!-- end -->", WITH_TOY)).toMatch(/`balls` +\| number \| `1` /);
  });
});

describe("the plan of an optional layer", () => {
  /** Plans every layer of dev; the foundation's state has these outputs. */
  async function planned(outputs: readonly string[]) {
    const state = { values: { outputs: Object.fromEntries(outputs.map((name) => [name, { value: "x" }])) } };
    return planEnvironment({
      environment: "dev",
      layers: [WITH_TOY[0], toyLayer].filter((layer) => layer !== undefined),
      output: "out",
      plan: async ({ name, subject }, folder): Promise<PlannedLayer> => {
        expect(folder).toBe(join("out", "stacks", stackName(name, "dev")));
        const changes = name === "toy" ? [change("aws_sns_topic.ball_1", null, { name: "oidc-s3-ball-1" })] : [];
        const terraformPlan = plan(changes, { prior_state: state });
        const summary = summarise(terraformPlan, subject);
        return { plan: terraformPlan, report: { layer: name, status: "planned", exitCode: 2, summary, terraform: "" } };
      },
    });
  }

  it("is a choice of --layer", () => {
    expect(parseArguments(["dev", "--layer", "toy"], WITH_TOY).layers).toEqual([toyLayer]);
    expect(parseArguments(["dev"], WITH_TOY).layers).toEqual(WITH_TOY);
  });

  it("tells changes by the layer's own subjects", async () => {
    const report = await planned(["aws_region"]);
    expect(report.layers[1]).toMatchObject({
      layer: "toy",
      summary: { servers: [], shared: [], subjects: [{ noun: "toy", name: "1", kind: "added" }] },
    });
    expect(asText(report)).toContain("  + toy 1: added");
  });

  it("waits for the layer that it reads", async () => {
    expect((await planned([])).layers[1]).toEqual({
      layer: "toy",
      status: "not-yet",
      exitCode: 2,
      reason: expect.stringContaining("foundation-dev is not deployed, and the toy layer is built from its outputs"),
    });
  });
});

describe("faults of an optional layer", () => {
  /** The faults as `file:line key: message → remedy`. */
  async function faultsOf(replaced: Readonly<Record<string, string | null>>): Promise<string[]> {
    const directory = directoryWithToy(replaced);
    const [loaded] = await loadEnvironments(directory, WITH_TOY);
    if (loaded === undefined || "config" in loaded) throw new Error("a fault was expected");
    return loaded.faults.map(
      ({ file, line, key, message, remedy }) => `${relative(directory, file)}:${line} ${key}: ${message} → ${remedy}`,
    );
  }

  it("are reported all at once, each with file, line and remedy", async () => {
    expect(
      await faultsOf({
        "toy.tfvars": 'environment = "prod"\nballs = 4\nball = 1\n',
        "toy-backend.hcl": 'bucket = "toy-states"\nkey = "dev/toy"\n',
      }),
    ).toEqual([
      expect.stringMatching(/^dev\/toy-backend\.hcl:undefined region: is missing → add it/),
      'dev/toy.tfvars:1 environment: is not the name of its folder, "dev" → write environment = "dev", or rename the folder',
      "dev/toy.tfvars:2 balls: is not a whole number from 1 to 3 → three are enough",
      "dev/toy.tfvars:3 ball: is not a key that is known here → did you mean balls?",
    ]);
  });

  it("a backend file is required with the variables file", async () => {
    expect(await faultsOf({ "toy-backend.hcl": null })).toEqual([
      "dev/toy-backend.hcl:undefined undefined: is missing → create toy-backend.hcl; docs/configuration.md lists its keys",
    ]);
  });

  it("a backend file alone belongs to no layer", async () => {
    expect(await faultsOf({ "toy.tfvars": null })).toEqual([
      expect.stringMatching(
        /^dev\/toy-backend\.hcl:.* exists without toy\.tfvars.* → create toy\.tfvars for the layer toy .*or remove this file$/,
      ),
    ]);
    expect(await faultsOf({ "toy.tfvars": null, "toys.tfvars": "" })).toEqual([
      expect.stringMatching(/→ rename toys\.tfvars, if that is the file, or remove this one$/),
    ]);
  });

  it("a state may not lie where another layer's is", async () => {
    const faults = await faultsOf({
      "toy-backend.hcl":
        'bucket = "oidc-s3-uploader-tfstate"\nkey = "dev/cognito-servers/terraform.tfstate"\nregion = "eu-west-1"\n',
    });
    expect(faults).toEqual([
      expect.stringMatching(/^dev\/servers-backend\.hcl:2 key: .*dev\/toy-backend\.hcl → give each stack a key/),
      expect.stringMatching(/^dev\/toy-backend\.hcl:2 key: .*dev\/servers-backend\.hcl → give each stack a key/),
    ]);
  });

  it("its keys are known in the other files, where they do not belong", async () => {
    expect(
      await faultsOf({ "foundation.tfvars": 'environment = "dev"\naws_region = "eu-west-1"\nballs = 1\n' }),
    ).toEqual([expect.stringMatching(/^dev\/foundation\.tfvars:3 balls: .* → move it to toy\.tfvars/)]);
  });
});
