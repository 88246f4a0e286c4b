import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The Node.js versions that are supported, by major version; CONTRIBUTING.md says why these. */
export const NODE_VERSIONS: Readonly<Record<number, string>> = { 20: "20.20.2", 22: "22.23.3", 24: "24.21.0" };

const CACHE = join(__dirname, "../node_modules/.cache/node");

export const runningMajor = Number(process.versions.node.split(".")[0]);

/**
 * The path of a supported major version's binary: the running one, or that of the npm package which carries it,
 * installed where no npm script finds it by the name `node`. Undefined where it can't be had, which is said aloud.
 * @throws {Error} under CI=true, where it can't be had
 */
export function nodeBinary(major: number): string | undefined {
  if (major === runningMajor) return process.execPath;
  const version = NODE_VERSIONS[major];
  const installed = join(CACHE, `${version}`);
  const name = `node-${process.platform}-${process.arch}`;
  const binary = join(installed, "node_modules", name, "bin", "node");
  if (existsSync(binary)) return binary;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "install-"));
  try {
    const options = ["--prefix", folder, "--no-save", "--no-bin-links", "--no-audit", "--no-fund", "--fetch-retries=1"];
    const { status, stderr, error } = spawnSync("npm", ["install", ...options, `${name}@${version}`], {
      cwd: folder,
      encoding: "utf8",
      timeout: 180_000,
    });
    if (status === 0) {
      moveInto(folder, installed);
      return binary;
    }
    const message = `Node.js ${version} was not installed, and nothing was tested on it: ${error?.message ?? stderr}`;
    if (process.env.CI === "true") throw new Error(message);
    process.stderr.write(`\nWARNING: ${message}\n`);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Another test may have been quicker; its binary is the same. */
function moveInto(folder: string, installed: string): void {
  try {
    renameSync(folder, installed);
  } catch (error) {
    if (!existsSync(installed)) throw error;
  }
}
