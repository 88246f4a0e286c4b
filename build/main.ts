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

allowClosedPipe();
const work = process.argv[2] === "pack-client" ? pack() : buildAll();
work.catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
