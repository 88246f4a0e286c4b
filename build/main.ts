import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LAMBDA_FILE } from "../lambda/package-format";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { buildClient, packClient } from "./client";
import { bundleLambda } from "./lambda";
import { CHECKSUMS_FILE, makePackages, PACKAGE_KINDS } from "./packages";

const DIST = join(__dirname, "..", "dist");

interface Command {
  readonly usage: string;
  readonly run: (args: readonly string[]) => Promise<void>;
}

const BUILD: Command = {
  usage: "usage: npm run build\nMakes dist/oidc-s3.cjs, the client, and dist/lambda, the vending function.",
  async run(args) {
    refuseArguments(args);
    const { code, sourceMap } = await bundleLambda();
    const folder = join(DIST, "lambda");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, LAMBDA_FILE), code);
    await writeFile(join(folder, `${LAMBDA_FILE}.map`), sourceMap);
    const client = await buildClient(DIST);
    console.log(`dist/oidc-s3.cjs: ${((await stat(client)).size / 1000).toFixed(1)} kB`);
    console.log(`dist/lambda/${LAMBDA_FILE}: ${(code.length / 1000).toFixed(1)} kB`);
  },
};

const PACK_CLIENT: Command = {
  usage: "usage: npm run pack:client\nMakes dist/oidc-s3-VERSION.tgz, for npm install --global.",
  async run(args) {
    refuseArguments(args);
    console.log(await packClient(DIST));
  },
};

const PACK: Command = {
  usage: `usage: npm run pack -- [${PACKAGE_KINDS.join("] [")}] [--node FILE]
Makes packages of the client in dist/, all of them unless some are named, and dist/${CHECKSUMS_FILE}.
  tgz  for npm install --global; needs Node.js on the server
  exe  one executable with Node.js in it, in an archive with its licences
  deb  the executable with systemd units, manual page and completions, for Debian and Ubuntu
  rpm  the same for RHEL, Fedora and SUSE
--node FILE puts that Node.js into them instead of the one that runs this; it decides for which architecture they are.`,
  async run(args) {
    const options = { node: { type: "string" } } as const;
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    refuseArguments(positionals.filter((name) => !PACKAGE_KINDS.some((kind) => kind === name)));
    const kinds = PACKAGE_KINDS.filter((kind) => positionals.length === 0 || positionals.includes(kind));
    for (const name of [...(await makePackages(DIST, kinds, { nodeFile: values.node })), CHECKSUMS_FILE])
      console.log(`dist/${name}: ${((await stat(join(DIST, name))).size / 1000).toFixed(1)} kB`);
  },
};

const COMMANDS: ReadonlyMap<string | undefined, Command> = new Map([
  ["pack-client", PACK_CLIENT],
  ["pack", PACK],
]);

class UsageFault extends Error {}

function refuseArguments([unknown]: readonly string[]): void {
  if (unknown !== undefined) throw new UsageFault(`${JSON.stringify(unknown)} is not known here`);
}

/** What the command line asks for: a build unless it says otherwise. */
async function main(args: readonly string[]): Promise<void> {
  const named = COMMANDS.get(args[0]);
  const { usage, run } = named ?? BUILD;
  const rest = named ? args.slice(1) : args;
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(usage);
    return;
  }
  try {
    await run(rest);
  } catch (error) {
    const isUsage = error instanceof UsageFault || (error as NodeJS.ErrnoException).code?.startsWith("ERR_PARSE_ARGS");
    if (!isUsage) throw error;
    throw new Error(`${(error as Error).message}\n${usage}`);
  }
}

allowClosedPipe();
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
