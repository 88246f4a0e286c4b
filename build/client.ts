import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { version } from "../client/package.json";

const PROJECT = join(__dirname, "..");

const COMMON = {
  absWorkingDir: PROJECT,
  bundle: true,
  platform: "node",
  target: "node20",
  minify: true,
  // Messages show the names of error classes.
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

/**
 * Bundles the client into the one file `oidc-s3.cjs`, which needs nothing but Node.js 20 or later; returns its path.
 * First comes the code that answers from the cache; behind it the whole program, as a text that is compiled when it is
 * needed. CommonJS, since Node.js takes a fifth longer to start an ES module, and since the file then also runs under
 * the bare name `oidc-s3`. `import()` becomes a call within the file: there are no files for Node.js to find.
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
    throw new Error("esbuild wrote more files than the one that was asked for");
  return text;
}

/**
 * Packs the client into `oidc-s3-<version>.tgz`, which `npm install --global` installs without a registry: it has no
 * dependencies. Returns its path.
 */
export async function packClient(outputFolder: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "oidc-s3-pack-"));
  try {
    await buildClient(folder);
    copyFileSync(join(PROJECT, "client/package.json"), join(folder, "package.json"));
    copyFileSync(join(PROJECT, "LICENSE"), join(folder, "LICENSE"));
    writeFileSync(join(folder, "THIRD-PARTY-LICENSES.txt"), await licenceNotices());
    mkdirSync(outputFolder, { recursive: true });
    execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", resolve(outputFolder)], {
      cwd: folder,
      stdio: "pipe",
    });
    return join(resolve(outputFolder), `oidc-s3-${version}.tgz`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The licences of the packages in the bundle, which must accompany every copy.
 * @throws {Error} where a package does not state its licence: then nobody may pass it on.
 */
export async function licenceNotices(): Promise<string> {
  const folders = new Set<string>();
  const { metafile } = await build({ ...COMMON, ...PROGRAM, write: false, metafile: true });
  for (const input of Object.keys(metafile.inputs)) {
    const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(join(PROJECT, folder));
  }
  const packagesOfText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { title, text } = notice(folder);
    packagesOfText.set(text, [...(packagesOfText.get(text) ?? []), title]);
  }
  return [...packagesOfText].map(([text, titles]) => `${"-".repeat(80)}\n${titles.join("\n")}\n\n${text}\n`).join("\n");
}

function notice(folder: string): { readonly title: string; readonly text: string } {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (typeof license !== "string") throw new Error(`${name} does not state its licence`);
  const files = readdirSync(folder).filter((file) => /^(?:licen[cs]e|notice)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  return { title: `${name} ${version} (${license})`, text: texts.join("\n\n") };
}
