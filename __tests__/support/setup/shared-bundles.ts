import { shareBundles } from "../shared-bundle";

declare global {
  var removeSharedBundles: (() => void) | undefined;
}

/** Called by jest once before the integration tests, whichever they are. */
export default function setUp(): void {
  globalThis.removeSharedBundles = shareBundles();
}
