import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LAYERS } from "../../layers";
import { synthesise } from "../../layers/synthesis";
import { apiFiles, devDirectory } from "../config/support/load";
import { temporaryDirectory } from "../config/support/temporary-environments";

jest.setTimeout(120_000);

const directory = devDirectory();

/** What the cdktf CLI is told that the servers' stack waits for, and the stack's own Terraform JSON. */
async function synthesised(...commandLine: string[]) {
  const outdir = temporaryDirectory({});
  const warn = (message: string) => {
    throw new Error(message);
  };
  await synthesise({ directory, layers: LAYERS, variable: undefined, commandLine, outdir, warn });
  const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  expect(stacks["foundation-dev"].dependencies).toEqual([]);
  const json = readFileSync(join(outdir, "stacks", "servers-dev", "cdk.tf.json"), "utf8");
  return { waitsFor: stacks["servers-dev"].dependencies, json };
}

it.each([
  [["deploy", "foundation-dev", "servers-dev"], ["foundation-dev"]],
  [["deploy", "*-dev"], ["foundation-dev"]],
  // The CLI would refuse what is done every day if this waited for a stack that is not named.
  [["deploy", "servers-dev"], []],
  [["deploy", "foundation-dev"], []],
  [["destroy", "servers-dev", "foundation-dev"], ["foundation-dev"]],
  // By this the CLI refuses it, since the servers' stack is not named.
  [["destroy", "foundation-dev"], ["foundation-dev"]],
  [["destroy", "servers-dev"], []],
  [["synth"], []],
])("%j: the servers' stack waits for %j", async (commandLine, expected) => {
  expect((await synthesised(...commandLine)).waitsFor).toEqual(expected);
});

it("the order changes nothing in a stack's JSON: it makes no reference from one to the other", async () => {
  expect((await synthesised("deploy", "*-dev")).json).toBe((await synthesised("deploy", "servers-dev")).json);
});

it.each([
  ["deploy", true],
  ["diff", false],
])(
  "before `cdktf %s` of a layer that writes API logs, the account's role for them is told of: %p",
  async (command, is) => {
    const told: string[] = [];
    await synthesise({
      directory: devDirectory(
        apiFiles('api_logging = true\nroutes = { "GET /" = { scopes = ["m2m-client/read"] } }\n'),
      ),
      layers: LAYERS,
      variable: undefined,
      commandLine: [command, "api-dev"],
      outdir: temporaryDirectory({}),
      warn: (message) => told.push(message),
    });
    expect(told.some((message) => message.includes("CloudWatch Logs role ARN must be set"))).toBe(is);
  },
);
