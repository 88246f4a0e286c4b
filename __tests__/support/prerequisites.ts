import { spawnSync } from "node:child_process";

/**
 * Says aloud that something was not tested, for want of something on this machine.
 * @throws {Error} with CI=true, where everything has to be there
 */
export function sayNotTested(message: string): void {
  if (process.env.CI === "true") throw new Error(message);
  process.stderr.write(`\nWARNING: ${message}\n`);
}

/**
 * Whether a program runs with an argument that asks for nothing but its version; if not, that is said.
 * @param source the Debian package that brings it
 * @throws {Error} with CI=true, where it is not installed
 */
export function isInstalled(program: string, argument: string, source = program): boolean {
  if (spawnSync(program, [argument]).status === 0) return true;
  sayNotTested(`${program} is not installed, and was not tried: apt-get install ${source}`);
  return false;
}
