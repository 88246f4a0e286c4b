import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The commands of cdktf and of CDK Terrain, its fork (docs/moving-to-cdk-terrain.md). */
export const CDKTF_COMMANDS: readonly string[] = ["cdktf", "cdktn"];

/** Under the first name stands either of them, by alias. */
const PACKAGES = ["cdktf-cli", "cdktn-cli"];

export interface CdktfCli {
  /** What people type: `cdktf` or `cdktn`. */
  readonly command: string;
  /** The script that Node.js runs for it. */
  readonly file: string;
}

/**
 * The command line tool that is installed.
 * @param project a folder whose packages are looked through
 * @throws {Error} where neither tool is there.
 */
export function cdktfCli(project: string = join(__dirname, "..")): CdktfCli {
  const { resolve } = createRequire(join(project, "package.json"));
  for (const name of PACKAGES) {
    let manifest: string;
    try {
      manifest = resolve(`${name}/package.json`);
    } catch {
      continue;
    }
    const { bin = {} } = JSON.parse(readFileSync(manifest, "utf8")) as { bin?: Record<string, string> };
    for (const command of CDKTF_COMMANDS)
      if (bin[command] !== undefined) return { command, file: join(dirname(manifest), bin[command]) };
    throw new Error(`${manifest} has none of the commands ${CDKTF_COMMANDS.join(", ")}: install a version that has`);
  }
  throw new Error(`none of the packages ${PACKAGES.join(", ")} is installed: run npm ci`);
}
