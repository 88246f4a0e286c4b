import { NODE_VERSIONS, nodeBinary, runningMajor } from "../../../scripts/node-binary";

/** The major version of the function's runtime, nodejs22.x. */
const DEPLOYED = 22;

export interface NodeBinary {
  readonly name: string;
  readonly path: string;
}

/**
 * The Node.js versions that the bundled function is tested on: this one and that of the Lambda runtime.
 * @throws under CI=true where the latter can't be had; elsewhere it is said aloud.
 */
export function nodeBinaries(): NodeBinary[] {
  const current = { name: `Node.js ${process.version}, this one`, path: process.execPath };
  if (runningMajor === DEPLOYED) return [current];
  const path = nodeBinary(DEPLOYED);
  if (path === undefined) return [current];
  return [current, { name: `Node.js v${NODE_VERSIONS[DEPLOYED]}, the Lambda runtime's`, path }];
}
