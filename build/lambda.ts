import { join } from "node:path";
import { build } from "esbuild";
import { LAMBDA_FILE } from "../lambda/package-format";

const PROJECT = join(__dirname, "..");

/** CommonJS packages in the bundle call `require` for Node.js's own modules, which an ES module has not. */
const REQUIRE_BANNER = 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);';

export interface LambdaBundle {
  readonly code: Uint8Array;
  /** Not deployed. */
  readonly sourceMap: Uint8Array;
}

/** The vending function as one ES module. */
export function bundleLambda(): Promise<LambdaBundle> {
  return bundleFunction("lambda/index.ts");
}

/**
 * A function as one ES module without dependencies. Equal sources give equal bytes, so that a deployment without a
 * change has nothing to upload.
 * @param entry the file to start at, from the project's folder
 * @throws esbuild's error, which names file and line.
 */
export async function bundleFunction(entry: string): Promise<LambdaBundle> {
  const { outputFiles } = await build({
    absWorkingDir: PROJECT,
    entryPoints: [entry],
    outfile: LAMBDA_FILE,
    write: false,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    // The packages' ES modules before their CommonJS: esbuild drops what is not used of the former only.
    mainFields: ["module", "main"],
    // A third smaller than with names kept. `npm run build` writes the source map that reads a stack trace of the log.
    minify: true,
    sourcemap: "external",
    legalComments: "none",
    banner: { js: REQUIRE_BANNER },
    logLevel: "silent",
    tsconfigRaw: {},
  });
  const contents = (end: string) => {
    const file = outputFiles.find(({ path }) => path.endsWith(end));
    if (!file) throw new Error(`esbuild gave no ${LAMBDA_FILE} for ${entry}`);
    return file.contents;
  };
  return { code: contents(LAMBDA_FILE), sourceMap: contents(`${LAMBDA_FILE}.map`) };
}
