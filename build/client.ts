import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BuildOptions, build } from "esbuild";

const COMMON = {
  absWorkingDir: join(__dirname, ".."),
  bundle: true,
  platform: "node",
  target: "node20",
  minify: true,
  // Names of error classes are told to people.
  keepNames: true,
  legalComments: "none",
  mainFields: ["module", "main"],
  write: false,
  logLevel: "warning",
} as const satisfies BuildOptions;

const PROGRAM: BuildOptions = {
  entryPoints: ["client/cli/run.ts"],
  format: "cjs",
  supported: { "dynamic-import": false },
};

/** The files that the program is made of, from the project's folder. */
export async function programInputs(): Promise<string[]> {
  const { metafile } = await build({
    ...COMMON,
    ...PROGRAM,
    write: false,
    metafile: true,
  });
  return Object.keys(metafile.inputs);
}

/**
 * Bundles the client into the one file `oidc-s3.cjs`, which needs nothing but Node.js 20 or later; returns its path.
 * In front stands what answers from the cache, as code; behind it the whole program, as a text that is compiled when
 * it is needed. CommonJS, since Node.js starts an ES module a fifth later, and since the file then also runs where
 * somebody calls it just `oidc-s3`. `import()` within it is not Node.js's, which has no files to find there.
 */
export async function buildClient(outputFolder: string): Promise<string> {
  const program = await bundle(PROGRAM);
  const front = await bundle({ entryPoints: ["client/cli/entry.ts"], format: "cjs" });
  const outfile = join(outputFolder, "oidc-s3.cjs");
  await mkdir(outputFolder, { recursive: true });
  await writeFile(outfile, `#!/usr/bin/env node\n${front}function wholeProgram(){return ${JSON.stringify(program)}}\n`);
  await chmod(outfile, 0o755);
  return outfile;
}

async function bundle(options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({ ...COMMON, ...options, write: false });
  const text = outputFiles[0]?.text;
  if (outputFiles.length !== 1 || text === undefined)
    throw new Error("esbuild gave more than the one file that was asked for");
  return text;
}
