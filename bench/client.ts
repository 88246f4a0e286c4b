import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeServices } from "../__tests__/client/support/fake-services";
import { buildClient } from "../build/client";
import { getCredentials } from "../client/credentials/credentials";
import { loadSettings } from "../client/settings/settings";
import { median, printTable } from "./figures";

const RUNS = 31;

/**
 * Prints how long `get-credentials` takes from a warm cache, against the start of Node.js itself, an empty ES module,
 * the import of boto3, and `cat` of the file that the daemon keeps: all in turn, so that what else the machine does
 * falls on all of them.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-bench-"));
  const services = await new FakeServices().start();
  try {
    const client = await buildClient(folder);
    writeFileSync(join(folder, "small.json"), "{}");
    // A file of CA certificates doubles the time that Node.js takes to start, for every program alike: left out.
    const { NODE_EXTRA_CA_CERTS, NODE_OPTIONS, ...own } = process.env;
    const env = { ...own, ...services.environment, XDG_CACHE_HOME: folder };
    await getCredentials(loadSettings({ env, defaultConfigFile: "/nonexistent" }));
    const commands = {
      "node -e 0": ["node", "-e", "0"],
      "get-credentials, warm cache": ["node", client, "get-credentials"],
      "oidc-s3 --version (whole program)": ["node", client, "--version"],
      'python3 -c "import boto3"': ["python3", "-c", "import boto3"],
      "cat of a small file (as with the daemon)": ["cat", join(folder, "small.json")],
    };
    const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]));
    for (let round = 0; round < RUNS; round++) {
      for (const [name, command] of Object.entries(commands)) times.get(name)?.push(timeOf(command, env));
    }
    const node = median(times.get("node -e 0") ?? []);
    const boto3 = median(times.get('python3 -c "import boto3"') ?? []);
    printTable(`get-credentials, medians of ${RUNS} runs in turn`, [
      ["", "median ms", "least ms", "of node -e 0", "of import boto3"],
      ...[...times].map(([name, values]) => {
        const middle = median(values);
        return [
          name,
          middle.toFixed(1),
          Math.min(...values).toFixed(1),
          (middle / node).toFixed(2),
          (middle / boto3).toFixed(2),
        ];
      }),
    ]);
    console.log("The aim is at most 1.5 of node -e 0, and under 0.2 of import boto3.");
  } finally {
    await services.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function timeOf([program = "", ...args]: readonly string[], env: NodeJS.ProcessEnv): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return performance.now() - began;
}
