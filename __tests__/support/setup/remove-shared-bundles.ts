import type {} from "./shared-bundles";

/** Called by jest once after the integration tests, failed or not. */
export default function tearDown(): void {
  globalThis.removeSharedBundles?.();
}
