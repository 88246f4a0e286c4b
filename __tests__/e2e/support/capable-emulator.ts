import { join } from "node:path";

/**
 * Adds updates in place that moto lacks to the emulators that this process starts from now on. Without them Terraform
 * could plan the takeover of a deployment of the original Terraform modules, but not apply it.
 */
export function teachEmulator(): void {
  const folder = join(__dirname, "emulator-updates");
  process.env.PYTHONPATH = [folder, process.env.PYTHONPATH].filter(Boolean).join(":");
}
