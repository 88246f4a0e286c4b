import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LAMBDA_FILE } from "../lambda/package-format";
import { buildClient } from "./client";
import { bundleLambda } from "./lambda";

const directory = join(__dirname, "..", "dist", "lambda");

async function main(): Promise<void> {
  const { code, sourceMap } = await bundleLambda();
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, LAMBDA_FILE), code);
  await writeFile(join(directory, `${LAMBDA_FILE}.map`), sourceMap);
  const client = await buildClient(join(__dirname, "..", "dist"));
  console.log(`dist/oidc-s3.cjs: ${((await stat(client)).size / 1000).toFixed(1)} kB`);
  console.log(`dist/lambda/${LAMBDA_FILE}: ${(code.length / 1000).toFixed(1)} kB`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
