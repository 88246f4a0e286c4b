/**
 * Says aloud that something was not tested, for want of something on this machine.
 * @throws {Error} with CI=true, where everything has to be there
 */
export function sayNotTested(message: string): void {
  if (process.env.CI === "true") throw new Error(message);
  process.stderr.write(`\nWARNING: ${message}\n`);
}
