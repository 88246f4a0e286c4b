import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { synthesise } from "../../layers/synthesis";
import { devDirectory } from "../config/support/load";
import { temporaryDirectory } from "../config/support/temporary-environments";
import { directoryWithToy, WITH_TOY } from "./support/toy-layer";

jest.setTimeout(120_000);

/** The folder of stacks that a synthesis of a directory of environments makes. */
async function stacksOf(directory: string): Promise<string> {
  const outdir = temporaryDirectory({});
  const warn = (message: string) => {
    throw new Error(message);
  };
  await synthesise({ directory, layers: WITH_TOY, variable: undefined, commandLine: ["synth"], outdir, warn });
  return join(outdir, "stacks");
}

it("an optional layer is synthesised where its files are, with a backend of its own, and nowhere else", async () => {
  const [without, withToy] = [await stacksOf(devDirectory()), await stacksOf(directoryWithToy())];
  const json = (stacks: string, stack: string) => readFileSync(join(stacks, stack, "cdk.tf.json"), "utf8");
  expect(readdirSync(without)).toEqual(["foundation-dev", "servers-dev"]);
  expect(readdirSync(withToy)).toEqual(["foundation-dev", "servers-dev", "toy-dev"]);
  for (const stack of ["foundation-dev", "servers-dev"]) expect(json(withToy, stack)).toBe(json(without, stack));
  const toy = JSON.parse(json(withToy, "toy-dev"));
  expect(toy.terraform.backend.s3).toEqual({
    bucket: "toy-states",
    key: "dev/toy",
    region: "eu-west-1",
    use_lockfile: true,
  });
  expect(toy.resource.aws_sns_topic).toMatchObject({
    ball_1: { name: "oidc-s3-ball-1" },
    ball_2: { name: "oidc-s3-ball-2" },
  });
});
