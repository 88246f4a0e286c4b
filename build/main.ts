import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LAMBDA_FILE } from "../lambda/package-format";
import { allowClosedPipe } from "../terminal/closed-pipe";
import { buildClient, packClient } from "./client";
import { bundleLambda } from "./lambda";

const DIST = join(__dirname, "..", "dist");

/** `npm run build`: the client and the function, each as one file, and the function's source map. */
async function buildAll(): Promise<void> {
  const { code, sourceMap } = await bundleLambda();
  const folder = join(DIST, "lambda");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, LAMBDA_FILE), code);
  await writeFile(join(folder, `${LAMBDA_FILE}.map`), sourceMap);
  const client = await buildClient(DIST);
  console.log(`dist/oidc-s3.cjs: ${((await stat(client)).size / 1000).toFixed(1)} kB`);
  console.log(`dist/lambda/${LAMBDA_FILE}: ${(code.length / 1000).toFixed(1)} kB`);
}

/** `npm run pack:client`: the client as a package for `npm install --global`. */
async function pack(): Promise<void> {
  console.log(await packClient(DIST));
}

/** What the command line asks for: a build unless it says otherwise. */
async function main(args: readonly string[]): Promise<void> {
  const packs = args[0] === "pack-client";
  const rest = packs ? args.slice(1) : args;
  const usage = packs
    ? "usage: npm run pack:client\nMakes dist/oidc-s3-VERSION.tgz, for npm install --global."
    : "usage: npm run build\nMakes dist/oidc-s3.cjs, the client, and dist/lambda, the vending function.";
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(usage);
    return;
  }
  if (rest.length > 0) throw new Error(`${JSON.stringify(rest[0])} is not known here\n${usage}`);
  await (packs ? pack() : buildAll());
}

allowClosedPipe();
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
