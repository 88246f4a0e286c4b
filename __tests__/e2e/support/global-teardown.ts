import type {} from "./global-setup";

/** Called by jest once after the suites, failed or not. */
export default async function tearDown(): Promise<void> {
  await globalThis.tearDownSharedProcesses?.();
}
